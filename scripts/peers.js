// Installs what `npm run bench` compares with: see bench/README.md. PYTHON names an interpreter of Python 3.11.
const path = require('node:path');
const { environment } = require('./python-environment');

const root = path.resolve(__dirname, '..');
const PEERS = [
  // The environment that the reference values come from, too.
  { name: '.venv-keras2', requirements: 'test/reference/requirements.txt' },
  { name: '.venv-keras-jax', requirements: 'bench/peers/keras-jax.txt' },
  // The list is complete, and leaves out what only graphics cards need: see the file.
  { name: '.venv-torch', requirements: 'bench/peers/torch.txt', pipOptions: ['--no-deps'] },
];

for (const { name, requirements, pipOptions } of PEERS) {
  console.log(`${name}: ${environment(name, path.join(root, requirements), pipOptions)}`);
}
