import { describe, expect, it } from 'vitest';
import { AuditTrail, type AuditRecord } from 'agent-assist-sdk/audit';
import { csvOf, trailPath } from './helpers.js';

/** The cells of the records' fields, without the chain's. */
async function cells(record: AuditRecord): Promise<string> {
  const [, row = ''] = (await csvOf([record])).split(/(?<=0{64}),/);
  return row;
}

describe('AuditTrail.csv', () => {
  it('has the chain’s columns and each field that occurs, and ends lines with CRLF', async () => {
    const lines = (await csvOf([{ a: 1 }, { b: true, a: 'x' }])).split('\r\n');
    expect(lines[0]).toBe('seq,at,hash,previousHash,a,b');
    expect(lines[1]).toMatch(/^1,[^,]+Z,[0-9a-f]{64},0{64},1,$/);
    expect(lines[2]).toMatch(/^2,[^,]+Z,[0-9a-f]{64},[0-9a-f]{64},x,true$/);
    expect(lines.slice(3)).toEqual(['']);
  });

  it('exports nothing with an unknown option', async () => {
    await using trail = await AuditTrail.open(await trailPath());
    const options: object = { column: ['a'] };
    expect(() => trail.csv(options)).toThrow(`csv: unknown option "column"; did you mean 'columns'?`);
  });

  it('takes the columns that it is told', async () => {
    const csv = await csvOf([{ a: 1, b: 2 }], ['b', 'missing', 'toString']);
    expect(csv).toMatch(/^seq,at,hash,previousHash,b,missing,toString\r\n.*,2,,\r\n$/);
  });

  it.each([
    ['=1+1', `'=1+1`],
    ['+1', `'+1`],
    ['-2', `'-2`],
    ['@SUM(A1)', `'@SUM(A1)`],
    ['  =x', `'  =x`],
    ['\t=x', `"'\t'=x"`],
    ['x;=HYPERLINK("http://x")', `"x;'=HYPERLINK(""http://x"")"`],
    ['x\t+1', `"x\t'+1"`],
    ['x;  "=1+1";@y|-z', `"x;'  ""=1+1"";'@y|'-z"`],
    ['x\r\n=1', `"x\r\n'=1"`],
    ['x;;=1', `"x;;'=1"`],
    ['x; y=1', '"x; y=1"'],
    [{ a: 'x;=1' }, `"{""a"":""x;'=1""}"`],
    ['＝cmd', `'＝cmd`],
    ['=HYPERLINK("http://x","y")', `"'=HYPERLINK(""http://x"",""y"")"`],
    ['a=b', 'a=b'],
    ['say "hi", then\r\nleave', '"say ""hi"", then\r\nleave"'],
    [-0.75, '-0.75'],
    [null, ''],
    [false, 'false'],
    [{ b: [1], a: '=x' }, '"{""a"":""=x"",""b"":[1]}"'],
    [['-', 1], '"[""-"",1]"'],
  ])('writes %j as %j', async (value, text) => {
    expect(await cells({ value })).toBe(`${text}\r\n`);
  });

  it('tells a record’s own fields from the chain’s columns', async () => {
    const csv = await csvOf([{ seq: 'a', hash: 'b', at: 'c', previousHash: 'd', 'record.hash': 'e', record: 'f' }]);
    const [header = '', row = ''] = csv.split('\r\n');
    expect(header).toBe(
      'seq,at,hash,previousHash,record.at,record.hash,record.previousHash,record,record.record.hash,record.seq',
    );
    expect(row).toMatch(/,c,b,d,f,e,a$/);
    expect(await csvOf([{ hash: 'b' }], ['hash'])).toMatch(/^seq,at,hash,previousHash,record.hash\r\n1,.*,b\r\n$/);
  });

  it('begins with a byte order mark on demand', async () => {
    await using trail = await AuditTrail.open(await trailPath());
    await trail.append({ city: 'Zürich' });
    expect((await Array.fromAsync(trail.csv({ bom: true }))).join('')).toMatch(/^\ufeffseq,[^\ufeff]*,Zürich\r\n$/);
    expect((await Array.fromAsync(trail.csv())).join('')).toMatch(/^seq,/);
  });

  it('guards the names of columns as well', async () => {
    expect(await csvOf([{ '=cmd': 1, 'a,b': 2 }])).toMatch(/^seq,at,hash,previousHash,'=cmd,"a,b"\r\n/);
  });
});
