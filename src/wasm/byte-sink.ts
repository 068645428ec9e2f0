/** A growing byte array that writes the primitive encodings of the WebAssembly binary format. */
export class ByteSink {
  #bytes: Uint8Array;
  #length = 0;

  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  byte(value: number): this {
    if (this.#length === this.#bytes.length) this.#reserve(1);
    this.#bytes[this.#length++] = value;
    return this;
  }

  bytes(values: ArrayLike<number>): this {
    this.#reserve(values.length);
    this.#bytes.set(values, this.#length);
    this.#length += values.length;
    return this;
  }

  /** LEB128 of an unsigned 32-bit integer. */
  unsigned(value: number): this {
    let rest = value >>> 0;
    while (rest >= 128) {
      this.byte((rest & 127) | 128);
      rest >>>= 7;
    }
    return this.byte(rest);
  }

  /** LEB128 of a signed 32-bit integer. */
  signed(value: number): this {
    let rest = value | 0;
    for (;;) {
      const group = rest & 127;
      rest >>= 7;
      if ((rest === 0 && group < 64) || (rest === -1 && group >= 64)) return this.byte(group);
      this.byte(group | 128);
    }
  }

  /** LEB128 of a signed 64-bit integer. */
  signed64(value: bigint): this {
    let rest = BigInt.asIntN(64, value);
    for (;;) {
      const group = Number(rest & 127n);
      rest >>= 7n;
      if ((rest === 0n && group < 64) || (rest === -1n && group >= 64)) return this.byte(group);
      this.byte(group | 128);
    }
  }

  /** A name: its length in bytes, then UTF-8. */
  name(text: string): this {
    const encoded = new TextEncoder().encode(text);
    return this.unsigned(encoded.length).bytes(encoded);
  }

  /** The bytes so far; valid until the next write. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + more));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}
