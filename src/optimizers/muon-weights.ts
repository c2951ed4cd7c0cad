/** Whether a weight is trained by orthogonal steps, and not by Adam. */
export const isMadeOrthogonal = (
  rank: number,
  name: string,
  {
    excludeEmbeddings,
    excludeLayers,
  }: { readonly excludeEmbeddings: boolean; readonly excludeLayers: readonly string[] },
): boolean => {
  const isMatrix = rank === 2 || rank === 3;
  const isEmbedding = excludeEmbeddings && name.toLowerCase().includes('embedding');
  return isMatrix && !isEmbedding && !excludeLayers.some((expression) => new RegExp(expression).test(name));
};
