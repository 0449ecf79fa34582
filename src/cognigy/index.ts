/**
 * Real Cognigy.AI installations: where they are, their flows, audit events and bots.
 *
 * @module agent-assist-sdk/cognigy
 */

export { cognigyAi, type CognigyAiOptions, type CognigyAiPlatform } from './platform.js';
