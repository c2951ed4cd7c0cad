/** Rows, columns and channels of numbers, in JavaScript's memory. */
export interface FloatImage {
  readonly data: Float32Array;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** The least and the largest number. */
export const rangeOf = (data: Float32Array): readonly [least: number, largest: number] => {
  let [least, largest] = [Infinity, -Infinity];
  for (const value of data) {
    if (value < least) least = value;
    if (value > largest) largest = value;
  }
  return [least, largest];
};

/** The same numbers with the channels before rows and columns. */
export const channelsFirst = ({ data, height, width, channels }: FloatImage): Float32Array => {
  const count = height * width;
  const placed = new Float32Array(data.length);
  for (let pixel = 0; pixel < count; pixel++) {
    for (let channel = 0; channel < channels; channel++) {
      placed[channel * count + pixel] = data[pixel * channels + channel] ?? 0;
    }
  }
  return placed;
};
