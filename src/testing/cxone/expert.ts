import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { TenantKnowledge } from '../routes/knowledge.js';
import { HttpProblem } from '../server/problem.js';
import { queryInteger } from '../server/query.js';
import { ok, type RouteAnswer, type Router } from '../server/router.js';

/** Credentials of CXone Expert. */
export interface ExpertKeys {
  /** Key that a browser may know, sent unchanged. */
  readonly browserKey: string;
  /** Key of a server's token `tkn_{key}_{epoch}_{user}_{signature}`. */
  readonly serverKey: string;
  /** Secret that signs a server's tokens (HMAC-SHA256, hex). */
  readonly serverSecret: string;
}

/** @internal */
export const DEFAULT_EXPERT_KEYS: ExpertKeys = {
  browserKey: 'expert-browser-key',
  serverKey: 'expert-server-key',
  serverSecret: 'expert-server-secret',
};

/** Adds the search of CXone Expert over the tenant's articles. */
export function addExpertRoutes(router: Router, knowledge: TenantKnowledge, keys: ExpertKeys): void {
  for (const path of ['/@api/deki/site/search', '/@api/deki/site/query']) {
    router.on(`GET ${path}`, { scope: 'public' }, ({ headers, query }) => {
      checkToken(headers, keys);
      return search(knowledge, query);
    });
  }
}

function checkToken(headers: IncomingHttpHeaders, { browserKey, serverKey, serverSecret }: ExpertKeys): void {
  const token = headers['x-deki-token'];
  if (token === browserKey) return;
  const [, key, epoch = '', user = '', signature = ''] =
    /^tkn_(.+)_(\d+)_(.+)_([0-9a-f]{64})$/.exec(String(token)) ?? [];
  const right = createHmac('sha256', serverSecret).update(`${serverKey}_${epoch}_${user}`).digest('hex');
  if (key === serverKey && timingSafeEqual(Buffer.from(right), Buffer.from(signature))) return;
  throw new HttpProblem(401, 'unauthorized', 'X-Deki-Token is missing or wrong');
}

function search(knowledge: TenantKnowledge, query: URLSearchParams): RouteAnswer {
  const text = query.get('q') ?? '';
  const limit = queryInteger(query, 'limit', { least: 0, most: 100, absent: 25 });
  const offset = queryInteger(query, 'offset', { least: 0, most: 100_000, absent: 0 });
  const language = /language:"?([\w-]+)/.exec(query.get('constraint') ?? '')?.[1] ?? 'en-US';
  const found = text.trim() === '' ? [] : knowledge.search(text, language);
  const hits = found.slice(offset, offset + limit).map(({ article, score }) => {
    const preview = article.body.replace(/<[^>]*>/g, '').slice(0, 200);
    const place = { '@guid': `guid-${article.id}`, path: article.id, title: article.title, 'uri.ui': article.url };
    return {
      id: article.id,
      title: article.title,
      uri: article.url,
      preview,
      rank: String(score),
      'date.modified': '2026-01-01T00:00:00Z',
      mime: 'text/html; charset=utf-8',
      page: place,
      type: 'wiki',
      'uri.track': `${article.url}#track`,
    };
  });
  if (query.get('dream.out.format') !== 'json') {
    const text = `<search count="${hits.length}" querycount="${found.length}" ranking="adaptive"/>`;
    return { status: 200, text, headers: { 'content-type': 'application/xml; charset=utf-8' } };
  }
  const [only, ...more] = hits;
  // What its XML turns into: one element is no list, and none is an empty text.
  const result = only === undefined ? '' : more.length === 0 ? only : hits;
  const counts = { '@count': String(hits.length), '@querycount': String(found.length) };
  return ok({ ...counts, '@queryid': '1', '@ranking': 'adaptive', result });
}
