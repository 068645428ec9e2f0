/** Shaders without their barriers against compilers: wrong on most devices, and the only way to see what barriers cost. */

/**
 * Removes the exclusive or (and a sum) with a number that only the CPU knows from the text of a shader (see
 * `src/backends/webgpu/wgsl/arithmetic.ts`); a sign becomes a literal.
 *
 * @throws Error where a barrier of another form is left: the measurement would show nothing
 */
export function withoutBarriers(code: string): string {
  const bare = code.replaceAll(/ [\^+] call\.zero\b/g, '').replaceAll('^ call.sign', '^ 0x80000000u');
  const left = /.*\bcall\.(?:zero|sign)\b.*/.exec(bare);
  if (left !== null) throw new Error(`a barrier that the benchmark does not know: ${left[0].trim()}`);
  return bare;
}
