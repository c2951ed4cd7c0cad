// Runs in a page with one picture in it.
window.measurePicture = () => {
  const inside = (inner, outer, slack) =>
    inner.left >= outer.left - slack &&
    inner.right <= outer.right + slack &&
    inner.top >= outer.top - slack &&
    inner.bottom <= outer.bottom + slack;
  const svg = document.querySelector('svg');
  if (svg === null) throw new Error('no picture');
  const frame = svg.getBoundingClientRect();
  const texts = [...svg.querySelectorAll('text')].map((node) => ({
    node,
    rect: node.getBoundingClientRect(),
    says: node.textContent,
  }));
  const boxes = [...svg.querySelectorAll('.layer, .model')];

  const overlapping = texts.flatMap((one, index) =>
    texts.slice(index + 1).flatMap((other) => {
      const width = Math.min(one.rect.right, other.rect.right) - Math.max(one.rect.left, other.rect.left);
      const height = Math.min(one.rect.bottom, other.rect.bottom) - Math.max(one.rect.top, other.rect.top);
      // Lines of a box stand close: their letters do not touch, though their heights may.
      return width > 0.5 && height > 2.5 ? [`${one.says} | ${other.says}`] : [];
    }),
  );

  const cut = texts.flatMap(({ rect, says }) => {
    if (rect.width === 0 || !inside(rect, frame, 0.5)) return [says];
    const around = boxes
      .map((box) => box.getBoundingClientRect())
      .filter((box) => {
        const [x, y] = [rect.left + 1, (rect.top + rect.bottom) / 2];
        return x > box.left && x < box.right && y > box.top && y < box.bottom;
      });
    return around.every((box) => inside(rect, box, -2)) ? [] : [says];
  });

  const lines = [...svg.querySelectorAll('path.edge')];
  const crossing = lines.flatMap((line, number) => {
    const siblings = boxes.filter((box) => box.parentNode === line.parentNode).map((box) => box.getBBox());
    const length = line.getTotalLength();
    for (let at = 0; at <= length; at += 2) {
      const { x, y } = line.getPointAtLength(at);
      const met = siblings.find(
        (box) => x > box.x + 1 && x < box.x + box.width - 1 && y > box.y + 1 && y < box.y + box.height - 1,
      );
      if (met !== undefined) return [`line ${number} at ${x.toFixed(0)}, ${y.toFixed(0)}`];
    }
    return [];
  });

  const luminance = (color) => {
    const [red = 0, green = 0, blue = 0] = (color.match(/[\d.]+/g) ?? []).slice(0, 3).map((part) => {
      const value = Number(part) / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const areas = [...svg.querySelectorAll('rect, path')].filter(
    (area) => getComputedStyle(area).fill !== 'none',
  );
  const contrasts = texts.map(({ node, rect, says }) => {
    const middle = new DOMPoint((rect.left + rect.right) / 2, (rect.top + rect.bottom) / 2);
    // The last that is painted before the text, where the text is.
    const behind = areas.findLast((area) => {
      const toArea = area.getScreenCTM()?.inverse();
      const isBefore = (area.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
      return isBefore && toArea !== undefined && area.isPointInFill(middle.matrixTransform(toArea));
    });
    const [one, other] = [
      luminance(getComputedStyle(node).fill),
      luminance(behind === undefined ? 'rgb(255, 255, 255)' : getComputedStyle(behind).fill),
    ];
    return { least: (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05), text: says };
  });
  const contrast = contrasts.reduce((least, next) => (next.least < least.least ? next : least), {
    least: 21,
    text: '',
  });
  return { overlapping, cut, crossing, contrast, texts: texts.length, lines: lines.length };
};
