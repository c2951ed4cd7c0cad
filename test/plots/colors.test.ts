/** Colors that the color-blind tell apart, by the published model of what they see. */
import { AROUND_ZERO, SHADES } from '../../src/plots/internal/color-scale';
import { THEMES } from '../../src/plots/internal/theme';

type Triple = readonly [number, number, number];
type Matrix = readonly [Triple, Triple, Triple];

/** What eyes without one kind of cones see, on linear red, green and blue: Machado, Oliveira and Fernandes 2009, severity 1. */
const EYES: Readonly<Record<string, Matrix>> = {
  usual: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

/** From linear sRGB to CIE XYZ with the white D65: IEC 61966-2-1. */
const XYZ: Matrix = [
  [0.4124564, 0.3575761, 0.1804375],
  [0.2126729, 0.7151522, 0.072175],
  [0.0193339, 0.119192, 0.9503041],
];
const WHITE: Triple = [0.95047, 1, 1.08883];

const times = (matrix: Matrix, [x, y, z]: Triple): Triple => {
  const row = ([a, b, c]: Triple): number => a * x + b * y + c * z;
  return [row(matrix[0]), row(matrix[1]), row(matrix[2])];
};

const map = ([x, y, z]: Triple, each: (value: number, index: 0 | 1 | 2) => number): Triple => [
  each(x, 0),
  each(y, 1),
  each(z, 2),
];

const linear = (color: string): Triple =>
  map([1, 3, 5], (at) => {
    const part = parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });

/** A color in CIE L*a*b*, where distances are about as they are seen: of 2.3 one just sees a difference. */
const lab = (light: Triple): Triple => {
  const xyz = times(
    XYZ,
    map(light, (part) => Math.min(1, Math.max(0, part))),
  );
  const [x, y, z] = map(xyz, (part, index) => {
    const share = part / WHITE[index];
    return share > 216 / 24389 ? Math.cbrt(share) : ((24389 / 27) * share + 16) / 116;
  });
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
};

/** How far apart two colors are, for the eyes that see it least. */
const distance = (one: string, other: string): number =>
  Math.min(
    ...Object.values(EYES).map((eyes) => {
      const [a, b] = [lab(times(eyes, linear(one))), lab(times(eyes, linear(other)))];
      return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
    }),
  );

test('distances are those of CIE 1976', () => {
  expect(lab(linear('#ffffff'))[0]).toBeCloseTo(100, 3);
  // Red and green are far apart, but not for all.
  expect(
    Math.hypot(...map(lab(linear('#ff0000')), (part, index) => part - lab(linear('#00ff00'))[index])),
  ).toBeCloseTo(170.6, 0);
  expect(distance('#a05a00', '#5a7a00')).toBeLessThan(19);
});

test.each(Object.entries(THEMES))('the theme %s has colors that all tell apart', (_, { series }) => {
  const pairs = series.flatMap((one, index) => series.slice(index + 1).map((other) => [one, other] as const));
  expect(pairs).toHaveLength(21);
  expect(pairs.filter(([one, other]) => distance(one, other) < 19)).toEqual([]);
  // Training and validation.
  expect(distance(series[0] ?? '', series[1] ?? '')).toBeGreaterThan(60);
});

test('right and wrong, above and below zero, are told apart', () => {
  for (const { right, wrong } of Object.values(SHADES))
    expect(distance(right[2], wrong[2])).toBeGreaterThan(50);
  expect(distance(AROUND_ZERO[0], AROUND_ZERO[4])).toBeGreaterThan(50);
});
