import { Picture } from '../picture';

/** What is to be done with a picture at once. */
export interface Showing {
  readonly file?: string | undefined;
  readonly terminal: boolean;
}

/** A picture, written to a file and shown in the terminal if that is asked for. */
export const shownPicture = (
  title: string,
  svg: string,
  text: (width: number) => string,
  { file, terminal }: Showing,
): Picture => {
  const picture = new Picture(title, svg, text);
  if (file !== undefined) picture.write(file);
  // eslint-disable-next-line no-console -- a program's standard output is where it is asked to be drawn
  if (terminal) console.log(picture.toText(process.stdout.columns));
  return picture;
};
