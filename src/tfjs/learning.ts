/** How often layers have learned something from data: steps that were compiled before then have older numbers in them. */
let count = 0;

/** Notes that a layer has learned something. */
export const noteLearning = (): void => {
  count++;
};

/** Another number after each time that a layer has learned something. */
export const learningCount = (): number => count;
