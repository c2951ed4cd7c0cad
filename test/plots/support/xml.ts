/** An element of an SVG file. */
export interface Node {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Node[];
  text: string;
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' };
const plain = (text: string): string =>
  text.replaceAll(/&(\w+);/g, (whole, name: string) => {
    const character = entities[name];
    if (character === undefined) throw new Error(`${whole} is no entity of XML`);
    return character;
  });

/** Reads well-formed XML, and nothing else: a reader of its own, so that what is written cannot forgive itself. */
export const readXml = (text: string): Node => {
  const root: Node = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  const token = /<(\/?)([\w-]+)((?: [\w:-]+="[^"<]*")*)(\/?)>|([^<]+)/gy;
  const trimmed = text.trimEnd();
  while (token.lastIndex < trimmed.length) {
    const at = token.lastIndex;
    const match = token.exec(trimmed);
    if (match === null) throw new Error(`not well-formed at ${trimmed.slice(at, at + 60)}`);
    const [, closes, name = '', attributes = '', isEmpty, content] = match;
    const top = open.at(-1) ?? root;
    if (content !== undefined) {
      if (/[&](?!\w+;)/.test(content)) throw new Error(`a bare & in ${content}`);
      top.text += plain(content);
    } else if (closes === '/') {
      if (top.name !== name) throw new Error(`</${name}> closes <${top.name}>`);
      open.pop();
    } else {
      const pairs = [...attributes.matchAll(/ ([\w:-]+)="([^"]*)"/g)].map(
        ([, key = '', value = '']) => [key, plain(value)] as const,
      );
      if (new Set(pairs.map(([key]) => key)).size < pairs.length)
        throw new Error(`<${name}> has an attribute twice`);
      const node: Node = { name, attributes: Object.fromEntries(pairs), children: [], text: '' };
      top.children.push(node);
      if (isEmpty !== '/') open.push(node);
    }
  }
  const [only, ...others] = root.children;
  if (open.length > 1 || only === undefined || others.length > 0) throw new Error('not one element');
  return only;
};

/** All elements of a name, at any depth. */
export const all = (node: Node, name: string): Node[] => [
  ...(node.name === name ? [node] : []),
  ...node.children.flatMap((child) => all(child, name)),
];

/** Throws if a number in it is none: NaN and Infinity draw nothing, and nobody says so. */
export const expectNumbers = (node: Node): void => {
  for (const value of Object.values(node.attributes)) expect(value).not.toMatch(/NaN|Infinity|undefined/);
  node.children.forEach(expectNumbers);
};
