/** What kernels of Jupyter notebooks ask an object for: what it looks like, by kinds of data. */
export const jupyterDisplay = Symbol.for('Jupyter.display');
