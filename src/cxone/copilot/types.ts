import type { HttpClient } from '../../http/internal.js';

/** Options of {@link CopilotClient}. */
export interface CopilotClientOptions {
  /** Client of the tenant's API: that of `discoverCxone` or `cxoneArea`. */
  readonly http: HttpClient;
  /** Supplies the id token that every body carries, e.g. the `AuthClient` of `http`. */
  readonly auth: IdTokenProvider;
  /** Path prefix of each call; tenants before 26.2 had `/agentcopilotapi/v1`. @defaultValue `/agent-copilot/v1` */
  readonly pathPrefix?: string | undefined;
}

/** Supplies id tokens, as `AuthClient` does. */
export interface IdTokenProvider {
  /** Returns a valid id token. */
  getIdToken(options?: { readonly signal?: AbortSignal | undefined }): Promise<string | undefined>;
}

/** A question for Agent Copilot. */
export interface CopilotSearchRequest {
  readonly contactId: string;
  /** The question; not blank. */
  readonly query: string;
  /** Id of the agent, a UUID: `CxoneIdentity.userId`. */
  readonly agentUuid: string;
  /**
   * The hub's whole configuration of Copilot for the contact, from `AgentAssistAppConfigJson` of the event
   * `AgentAssist` of the agent's session: `AppTitle`, `ContactId`, `Params`, ….
   */
  readonly config: Readonly<Record<string, unknown>>;
}

/** An agent's feedback on knowledge answers of one contact. */
export interface CopilotFeedback {
  readonly contactId: string;
  /** The answers, at least one. */
  readonly answers: readonly {
    /** `utteranceId` of the card. */
    readonly utteranceId: string;
    readonly answerId: string;
    /** Whether it helped. */
    readonly rating: 'like' | 'dislike';
    /** One of the tags that the configuration offers. @defaultValue none */
    readonly tag?: string | undefined;
    /** Comment of the agent. @defaultValue none */
    readonly comment?: string | undefined;
  }[];
}
