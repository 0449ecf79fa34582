import {
  AuthClient,
  HttpClient,
  SimulationClient,
  type HttpClientOptions,
  type Simulation,
  type SimulationResult,
} from 'agent-assist-sdk';
import { buildSimulation, type SuiteCase } from 'agent-assist-sdk/simulation';
import type { Tenant } from 'agent-assist-sdk/testing';

export const target = { botId: 'bot-123', environmentId: 'env-staging', versionId: 'ver-abc' };

export function clientOf(tenant: Tenant, options: Partial<HttpClientOptions> = {}): SimulationClient {
  const scopes = ['simulation:execute', 'bot:read', 'environment:read'];
  const auth = new AuthClient({ platform: tenant.platform, ...tenant.credentials, scopes });
  return new SimulationClient(new HttpClient({ platform: tenant.platform, auth, ...options }));
}

export function simulationOf(
  ...turns: [text: string, intent: string, entities?: Record<string, unknown>][]
): Simulation {
  return buildSimulation({
    ...target,
    inputs: turns.map(([text]) => text),
    assertions: turns.map(([, expectedIntent, expectedEntities = {}], stepIndex) => ({
      stepIndex,
      expectedIntent,
      expectedConfidenceMin: 0.1,
      expectedEntities,
    })),
  });
}

export function caseOf(id: string, ...turns: Parameters<typeof simulationOf>): SuiteCase {
  return { id, simulation: simulationOf(...turns) };
}

export interface StepDraft {
  readonly index?: number;
  readonly intent: string;
  readonly confidence?: number;
  readonly entities?: readonly { type: string; value?: unknown }[];
}

export function resultOf(steps: readonly StepDraft[], rest: Partial<SimulationResult> = {}): SimulationResult {
  return {
    id: 'sim-1',
    status: 'COMPLETED',
    durationMs: 1240,
    ...rest,
    steps: steps.map(({ index, intent, confidence = 0.9, entities = [] }, position) => ({
      index: index ?? position,
      userInput: 'text',
      botResponse: 'answer',
      nlu: { intent, confidence, entities },
    })),
  };
}
