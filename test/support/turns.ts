/** Does something at each turn of the event loop while something runs. */
export const atEachTurn = async <T>(run: () => Promise<T>, act: (turn: number) => void): Promise<T> => {
  let [turns, isOver] = [0, false];
  const turn = (): void => {
    if (isOver) return;
    act(++turns);
    setImmediate(turn);
  };
  setImmediate(turn);
  try {
    return await run();
  } finally {
    isOver = true;
  }
};
