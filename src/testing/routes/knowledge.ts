import MiniSearch from 'minisearch';
import { defaultArticles, type TenantArticle } from '../fixtures/articles.js';
import { HttpProblem } from '../server/problem.js';
import { queryInteger } from '../server/query.js';
import { ok, type Router } from '../server/router.js';
import { checkKind } from '../../options.js';

interface ScoredArticle {
  readonly article: TenantArticle;
  readonly score: number;
}

/** Words that say nothing about the subject; without this list they outvote it in short articles. */
const stopWords: ReadonlySet<string> = new Set(
  (
    'a about all also am an and any are as at available be been but by can could day did do does find fine for from get give go going ' +
    'good great had has have he hello help helpful her hi him how i if in is it its just know let like look looking make me more my need no not ' +
    'now of ok okay on one or other our out people perfect please right search see she so some something sound sounds sure take tell thank thanks ' +
    'that the their them then there they thing this time to today up us want was we well what when where which who will with would ' +
    'yes you your'
  ).split(' '),
);

function indexOf(articles: readonly TenantArticle[]): MiniSearch<TenantArticle> {
  const index = new MiniSearch<TenantArticle>({
    fields: ['title', 'body'],
    extractField: (article, field) => article[field as keyof TenantArticle].replace(/<[^>]*>|&[#\w]+;/g, ' '),
    processTerm: (term) => {
      const word = term.toLowerCase();
      // "Charged", "charges" and "charging" are about a charge.
      return stopWords.has(word) ? null : word.replace(/(?<=\w{3})(?:ing|ed|es|s|e)$/, '');
    },
    searchOptions: { boost: { title: 2 } },
  });
  index.addAll(articles);
  return index;
}

/** The tenant's knowledge base, ranked by BM25+. */
export class TenantKnowledge {
  #articles: ReadonlyMap<string, TenantArticle> = new Map();
  #index: MiniSearch<TenantArticle> = indexOf([]);
  #searches = 0;

  constructor() {
    this.replaceArticles(defaultArticles);
  }

  /** Number of answered searches. */
  get searches(): number {
    return this.#searches;
  }

  /** Replaces the articles. */
  replaceArticles(articles: readonly TenantArticle[]): void {
    checkKind('articles', articles, 'a list of objects');
    this.#articles = new Map(articles.map((article) => [article.id, article]));
    this.#index = indexOf([...this.#articles.values()]);
  }

  /** @internal */
  search(text: string, language: string): readonly ScoredArticle[] {
    this.#searches += 1;
    const found: ScoredArticle[] = [];
    for (const { id, score } of this.#index.search(text)) {
      const article = this.#articles.get(id as string);
      if (article?.language === language) found.push({ article, score: Math.round(score * 1000) / 1000 });
    }
    return found;
  }
}

/** Adds `GET /api/v2/knowledge/articles/search` (protocol 4). */
export function addKnowledgeRoutes(router: Router): TenantKnowledge {
  const knowledge = new TenantKnowledge();
  router.on('GET /api/v2/knowledge/articles/search', { scope: 'knowledge:read' }, ({ query }) => {
    const text = query.get('q') ?? '';
    if (text.trim() === '') throw new HttpProblem(400, 'invalid_query', 'q is missing');
    const page = queryInteger(query, 'page', { least: 1, most: 100_000, absent: 1 });
    const pageSize = queryInteger(query, 'pageSize', { least: 1, most: 100, absent: 5 });
    const found = knowledge.search(text, query.get('language') ?? 'en-US');
    const entities = found
      .slice((page - 1) * pageSize, page * pageSize)
      .map(({ article: { id, title, url, body }, score }) => ({ id, title, score, url, body }));
    return ok({ entities });
  });
  return knowledge;
}
