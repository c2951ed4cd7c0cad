import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { Feed } from '../../src/live/feed';
import type { Message } from '../../src/live/messages';
import { LiveRecord } from '../../src/live/record';
import { Visitor } from './support/visitor';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const serve = async (feed: Feed): Promise<string> => {
  const server = createServer((_, response) => feed.add(response));
  servers.push(server);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
};

const epoch = (number: number) => ({ epoch: number, values: { loss: 1 / number } });

/** What a page would have that follows these messages. */
const joined = (messages: readonly Message[]): number[] =>
  messages.reduce<number[]>(
    (all, { isWhole, epochs }) => [...(isWhole ? [] : all), ...epochs.map((point) => point.epoch)],
    [],
  );

test('who comes late is told the past first, and nothing twice', async () => {
  const record = new LiveRecord();
  const feed = new Feed(record);
  const address = await serve(feed);
  record.addEpoch(epoch(1));
  record.addEpoch(epoch(2));
  const early = new Visitor(address);
  await early.until(() => true);
  record.addEpoch(epoch(3));
  // Before what is new was sent to the first.
  const late = new Visitor(address);
  await late.until(() => true);
  record.addEpoch(epoch(4));
  await Promise.all([early, late].map((visitor) => visitor.until((_, all) => joined(all).includes(4))));
  expect(joined(early.messages)).toEqual([1, 2, 3, 4]);
  expect(joined(late.messages)).toEqual([1, 2, 3, 4]);
  expect(late.messages[0]).toMatchObject({ isWhole: true, epochs: [epoch(1), epoch(2), epoch(3)] });
  feed.end();
  await Promise.all([early.untilOver(), late.untilOver()]);
});

test('a thousand changes are a few events, and nothing is lost', async () => {
  const record = new LiveRecord();
  const feed = new Feed(record, 50);
  const visitor = new Visitor(await serve(feed));
  await visitor.until(() => true);
  const begun = performance.now();
  for (let number = 1; number <= 1000; number++) {
    record.addEpoch(epoch(number));
    if (number % 100 === 0) await wait(5);
  }
  await visitor.until((_, all) => joined(all).length === 1000);
  const elapsed = performance.now() - begun;
  expect(visitor.messages.length).toBeLessThanOrEqual(2 + elapsed / 50);
  feed.end();
  await visitor.untilOver();
});

test('a past that is thinned is told anew', async () => {
  const record = new LiveRecord();
  const feed = new Feed(record, 1);
  const visitor = new Visitor(await serve(feed));
  await visitor.until(() => true);
  for (let number = 1; number <= 3000; number++) {
    record.addEpoch(epoch(number));
    if (number % 250 === 0) await wait(3);
  }
  await visitor.until((_, all) => joined(all).at(-1) === 2997);
  expect(joined(visitor.messages)).toEqual(record.whole().epochs.map((point) => point.epoch));
  expect(joined(visitor.messages).length).toBeLessThan(1024);
  feed.end();
});

test('without visitors nothing is scheduled, so that nothing keeps a program', () => {
  const record = new LiveRecord();
  const feed = new Feed(record);
  const timers = jest.spyOn(globalThis, 'setTimeout');
  for (let number = 1; number <= 100; number++) record.addEpoch(epoch(number));
  expect(timers).not.toHaveBeenCalled();
  timers.mockRestore();
  feed.end();
});

test('for a page that takes nothing, nothing is kept; it learns all when it wakes', async () => {
  const record = new LiveRecord();
  const feed = new Feed(record, 1);
  const responses: { writableLength: number }[] = [];
  const add = feed.add.bind(feed);
  feed.add = (response, headers) => {
    responses.push(response);
    add(response, headers);
  };
  const { port } = new URL(await serve(feed));
  const socket = connect(Number(port), '127.0.0.1');
  socket.pause();
  socket.write('GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
  const wide = Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`metric_${index}`, index]));
  let most = 0;
  for (let number = 1; number <= 500; number++) {
    record.addEpoch({ epoch: number, values: wide });
    await wait(2);
    most = Math.max(most, responses[0]?.writableLength ?? 0);
  }
  // 500 epochs would be 20 MB; what is kept is a message or two.
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThan(4e6);
  let text = '';
  socket.on('data', (part: Buffer) => (text += part.toString()));
  socket.resume();
  await new Promise<void>((resolve) => {
    const look = setInterval(() => {
      if (!text.includes('"epoch":500,')) return;
      clearInterval(look);
      resolve();
    }, 10);
  });
  feed.end();
  socket.destroy();
}, 30_000);

test('numbers that are not finite arrive', async () => {
  const record = new LiveRecord();
  const feed = new Feed(record);
  const visitor = new Visitor(await serve(feed));
  record.addEpoch({ epoch: 1, values: { loss: 'NaN', mae: '-Infinity' } });
  await visitor.until((_, all) => joined(all).length === 1);
  expect(visitor.messages.flatMap(({ epochs }) => epochs)[0]?.values).toEqual({
    loss: 'NaN',
    mae: '-Infinity',
  });
  feed.end();
});
