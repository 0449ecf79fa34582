import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ackFrame, eventFrame, parsePacket } from '#dist/cognigy/flow/socket-io.js';
import { anyCharacter } from '../helpers/any-character.js';

const event = (name: string, args: unknown[] = [], ackId?: number): unknown => ({ kind: 'event', name, args, ackId });

describe('frames as the vendor records them', () => {
  test.each<[string, unknown]>([
    [
      '0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":5000}',
      { kind: 'opened', pingIntervalMs: 25_000, pingTimeoutMs: 5000 },
    ],
    ['1', { kind: 'closed' }],
    ['2', { kind: 'ping', data: '' }],
    ['2probe', { kind: 'ping', data: 'probe' }],
    ['3', { kind: 'pong' }],
    ['5', { kind: 'ignored' }],
    ['6', { kind: 'ignored' }],
    ['40', { kind: 'connected', hasId: false }],
    ['40{"sid":"x"}', { kind: 'connected', hasId: true }],
    ['41', { kind: 'closed' }],
    ['42["endpoint-ready"]', event('endpoint-ready')],
    ['420["output",{"type":"output"}]', event('output', [{ type: 'output' }], 0)],
    ['4218["finalPing",{"type":"regular"}]', event('finalPing', [{ type: 'regular' }], 18)],
    ['430[]', { kind: 'ignored' }],
    ['44"no"', { kind: 'refused', reason: 'no' }],
    ['44{"message":"no"}', { kind: 'refused', reason: 'no' }],
    ['44{"code":5}', { kind: 'refused', reason: '' }],
  ])('%s', (frame, packet) => {
    expect(parsePacket(frame)).toEqual(packet);
  });

  test('of another namespace are ignored, those of the default one are read with or without its name', () => {
    expect(parsePacket('42/admin,7["x"]')).toEqual({ kind: 'ignored' });
    expect(parsePacket('40/admin')).toEqual({ kind: 'ignored' });
    expect(parsePacket('40/?token=x,')).toEqual({ kind: 'connected', hasId: false });
    expect(parsePacket('42/,7["x"]')).toEqual(event('x', [], 7));
  });

  test.each([
    '',
    'x',
    '7',
    '4',
    '4x',
    '47',
    '42',
    '42{}',
    '42[]',
    '42[1]',
    '42["x"',
    '0',
    '0{}',
    '0{"pingInterval":0,"pingTimeout":1}',
    '451-["x",{"_placeholder":true,"num":0}]',
    '460-[]',
    '421234567890123456["x"]',
    '0{"pingInterval":1e10,"pingTimeout":1}',
  ])('%j is invalid', (frame) => {
    const packet = parsePacket(frame);
    expect(packet.kind).toBe('invalid');
    expect(packet).not.toHaveProperty('message', '');
  });
});

test.each(['451-["x",{"_placeholder":true,"num":0}]', '460-[{"_placeholder":true,"num":0}]'])(
  '%s says that it has an attachment',
  (frame) => {
    expect(parsePacket(frame)).toEqual({ kind: 'invalid', message: 'binary attachments are not supported' });
  },
);

describe('any frame', () => {
  test('is read without an exception, and an invalid one is not quoted', () => {
    const prefix = fc.constantFrom('', '0', '2', '4', '40', '41', '42', '43', '44', '42/x,', '427');
    fc.assert(
      fc.property(prefix, fc.oneof(fc.string({ unit: anyCharacter }), fc.json()), (start, rest) => {
        const packet = parsePacket(`${start}CANARY${rest}`);
        expect(packet.kind === 'invalid' ? packet.message : '').not.toContain('CANARY');
      }),
    );
    fc.assert(
      fc.property(prefix, fc.json(), (start, rest) => {
        expect(parsePacket(start + rest)).toHaveProperty('kind');
      }),
    );
  });

  test('that this side writes is read as it was written', () => {
    // JSON has no -0, and `__proto__` is dropped from what comes from outside.
    const json = fc.jsonValue().filter((value) => !JSON.stringify(value).includes('__proto__'));
    fc.assert(
      fc.property(fc.string(), fc.array(json), (name, args) => {
        expect(parsePacket(eventFrame(name, ...args))).toEqual(
          event(name, JSON.parse(JSON.stringify(args)) as unknown[]),
        );
      }),
    );
    fc.assert(
      fc.property(fc.nat(), (id) => {
        expect(ackFrame(id)).toBe(`43${id}[]`);
      }),
    );
  });

  test('with an acknowledgement keeps its id', () => {
    fc.assert(
      fc.property(fc.nat(), fc.string(), (id, name) => {
        expect(parsePacket(`42${id}${JSON.stringify([name])}`)).toEqual(event(name, [], id));
      }),
    );
  });
});
