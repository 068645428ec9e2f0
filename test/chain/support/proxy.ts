/** A way to a node that can be cut: between requests, or between a request and its answer. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Proxy {
  readonly url: string;
  /** Every method that was asked for. */
  readonly methods: readonly string[];
  /** Passes the next call of a method on, and cuts the line before the answer. */
  dropAnswerOf(method: string): void;
  /** Answers calls of a method itself. */
  answer(method: string, body: string, status?: number): void;
  close(): Promise<void>;
  /** The same address again. */
  open(): Promise<void>;
}

export async function startProxy(target: string): Promise<Proxy> {
  const state = { dropped: new Set<string>(), answers: new Map<string, [string, number]>(), methods: [] as string[] };
  let port = 0;
  let server: Server | undefined;
  const open = async (): Promise<void> => {
    server = createServer((request, response) => void pass(target, state, request, response));
    await new Promise<void>((resolve) => server!.listen(port, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  };
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server?.close(() => resolve()) ?? resolve());
    server?.closeAllConnections();
    await closed;
  };
  await open();
  return {
    url: `http://127.0.0.1:${port}`,
    methods: state.methods,
    dropAnswerOf: (method) => state.dropped.add(method),
    answer: (method, body, status = 200) => state.answers.set(method, [body, status]),
    close,
    open,
  };
}

async function pass(
  target: string,
  state: { dropped: Set<string>; answers: Map<string, [string, number]>; methods: string[] },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const pieces: Uint8Array[] = [];
  for await (const piece of request) pieces.push(piece as Uint8Array);
  const body = Buffer.concat(pieces).toString();
  const { method } = JSON.parse(body) as { method: string };
  state.methods.push(method);
  const headers = { 'content-type': 'application/json' };
  const own = state.answers.get(method);
  if (own !== undefined) {
    response
      .writeHead(own[1], { 'content-type': own[0].startsWith('{') ? 'application/json' : 'text/plain' })
      .end(own[0]);
    return;
  }
  const answer = await (await fetch(target, { method: 'POST', headers, body })).text();
  if (state.dropped.delete(method)) response.destroy();
  else response.writeHead(200, headers).end(answer);
}
