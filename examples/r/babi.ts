/** Stories as in bAbI's first task, made by a program: people walk from room to room, and the question is where one of them is. */
import { padSequences, tf, type Tensor } from 'keras-pipe';
import { pick } from './support';

const PEOPLE = ['Mary', 'John', 'Sandra', 'Daniel'];
const VERBS = ['went', 'moved', 'travelled', 'journeyed'];
const ROOMS = ['bathroom', 'bedroom', 'garden', 'hallway', 'kitchen', 'office'];
const WORDS = ['Where', 'is', 'to', 'the', '.', '?', ...VERBS, ...PEOPLE, ...ROOMS];
const idOf = new Map(WORDS.map((word, index) => [word, index + 1]));

/** How many words there are, 0 for padding included. */
export const vocabulary = WORDS.length + 1;
export const questionLength = 4;

/** Stories of some steps as the numbers of their words, the questions, and the words that answer them. */
export const babi = (
  count: number,
  steps: number,
): { storyLength: number; x: [Tensor, Tensor]; y: Tensor } => {
  const numbers = (words: readonly string[]): number[] => words.map((word) => idOf.get(word) ?? 0);
  const tasks = Array.from({ length: count }, () => {
    const place = new Map<string, string>();
    const story = Array.from({ length: steps }, () => {
      const [person, room] = [pick(PEOPLE), pick(ROOMS)];
      place.set(person, room);
      return [person, pick(VERBS), 'to', 'the', room, '.'];
    });
    const person = pick([...place.keys()]);
    return {
      story: numbers(story.flat()),
      question: numbers(['Where', 'is', person, '?']),
      answer: idOf.get(place.get(person) ?? '') ?? 0,
    };
  });
  const storyLength = 6 * steps;
  return {
    storyLength,
    x: [
      padSequences(
        tasks.map(({ story }) => story),
        { maxlen: storyLength },
      ),
      padSequences(
        tasks.map(({ question }) => question),
        { maxlen: questionLength },
      ),
    ],
    y: tf.tensor1d(tasks.map(({ answer }) => answer)),
  };
};
