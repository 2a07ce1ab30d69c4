// Chance that can be repeated: a generator of numbers from a seed (mulberry32), and choices made with it.

export class Random {
  constructor(...seed) {
    // FNV-1a over the text of the seed.
    this.state = 0x811c9dc5
    for (const char of seed.join('/')) this.state = Math.imul(this.state ^ char.codePointAt(0), 0x01000193)
  }
  /** A number from 0 to 1, exclusive. */
  next() {
    this.state = (this.state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  /** An integer below the limit. */
  below(limit) {
    return Math.floor(this.next() * limit)
  }
  /** Whether something happens that has this probability. */
  chance(probability) {
    return this.next() < probability
  }
  pick(list) {
    return list[this.below(list.length)]
  }
  /** One of the keys of an object whose values are weights. */
  weighted(weights) {
    const entries = Object.entries(weights)
    let left = this.next() * entries.reduce((sum, [, weight]) => sum + weight, 0)
    for (const [name, weight] of entries) if ((left -= weight) < 0) return name
    return entries.at(-1)[0]
  }
  /** So many different elements, in their order. */
  some(list, count) {
    const places = list.map((_, place) => place)
    while (places.length > count) places.splice(this.below(places.length), 1)
    return places.map((place) => list[place])
  }
}
