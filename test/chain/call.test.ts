/** Calls that wait for a time, on a chain that makes blocks for transactions alone. */
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { type AbiItem, numberToHex, pad, toFunctionSelector } from 'viem';
import { gameAbi } from '../../contracts/generated/game.js';
import { prepare } from '../../src/chain/call.js';
import { mustBeSent } from '../../src/chain/sender.js';
import { failureOf, localChain } from './support/local-chain.js';

const chain = localChain();
const GATE = '0x0000000000000000000000000000000000006a7e';

/** `if (block.timestamp <= until) revert TooEarly(block.timestamp, until)`, where the data of the call is `until`. */
function gateCode(): string {
  const error = (gameAbi as readonly AbiItem[]).find((item) => item.type === 'error' && item.name === 'TooEarly');
  const selector = toFunctionSelector({ ...(error as object), type: 'function', outputs: [] } as never).slice(2);
  const isOpen = '6000354211602257';
  const refusal = `63${selector}60e01b6000524260045260003560245260446000fd`;
  return `0x${isOpen}${refusal}5b00`;
}

const timeOf = async (block: 'latest' | 'pending'): Promise<number> =>
  Number(((await chain.ask('eth_getBlockByNumber', block, false)) as { timestamp: string }).timestamp);

describe('a call whose time has come', () => {
  test('is sent, although no block shows that it has', async () => {
    await chain.ask('anvil_setCode', GATE, gateCode());
    await chain.ask('anvil_mine');
    const until = (await timeOf('latest')) + 1;
    const call = { what: 'pass the gate', to: GATE, data: pad(numberToHex(until)) } as const;
    const sender = await chain.sender(1);
    const elsewhere = { ...chain.connection, chainId: 1 };
    while ((await timeOf('pending')) <= until) await pause(100);
    expect(await timeOf('latest')).toBeLessThanOrEqual(until);
    // Of another chain only blocks that there are count.
    expect((await failureOf(prepare(elsewhere, sender.address, call))).data['name']).toBe('TooEarly');
    expect(mustBeSent(await sender.send(call)).gasUsed).toBeGreaterThan(21_000n);
    expect(await timeOf('latest')).toBeGreaterThan(until);
  });

  test('but not one that is too early in the next block, too', async () => {
    await chain.ask('anvil_setCode', GATE, gateCode());
    const until = (await timeOf('latest')) + 1_000_000;
    const call = { what: 'pass the gate', to: GATE, data: pad(numberToHex(until)) } as const;
    const error = await failureOf((await chain.sender(1)).send(call));
    expect([error.code, error.data['name']]).toEqual(['chain.reverted', 'TooEarly']);
    expect(error.data['args']).toMatchObject({ until: String(until) });
  });
});
