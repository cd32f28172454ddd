// SPDX-License-Identifier: Apache-2.0
// The kernels in terms of the vectors that a `lanes_*.h` defines before. Nothing of the standard
// library is used: an inline function compiled here for one CPU must not end up in another's way.
namespace {

using aimc::cim::ColumnTerms;
using aimc::cim::kGroupColumns;
using aimc::cim::kPanelColumns;
using aimc::cim::NoiseSource;

inline Floats load(const float* p) {
  Floats x;
  __builtin_memcpy(&x, p, sizeof x);
  return x;
}
template <class Vector, class Element>
inline void store(Element* p, Vector x) {
  __builtin_memcpy(p, &x, sizeof x);
}
inline Floats spread(float x) { return Floats{} + x; }
inline Words spread(std::uint32_t x) { return Words{} + x; }
inline Words lane_numbers() {
  alignas(64) static constexpr std::uint32_t kNumbers[16] = {0, 1, 2,  3,  4,  5,  6,  7,
                                                             8, 9, 10, 11, 12, 13, 14, 15};
  Words x;
  __builtin_memcpy(&x, kNumbers, sizeof x);
  return x;
}
template <class To, class From>
inline To bits(From x) {
  return (To)x;
}

// ---- products

// Loops over registers are unrolled by folds, so that sums stay in registers.
template <unsigned... I>
struct Indices {};
#if defined(__clang__)
template <class T, T... I>
struct Sequence {
  using Type = Indices<I...>;
};
template <unsigned N>
using Count = typename __make_integer_seq<Sequence, unsigned, N>::Type;
#else
template <unsigned N>
using Count = Indices<__integer_pack(N)...>;
#endif

/// Sums of one panel for some input vectors; `Chains` independent sums each hide the latency of
/// the multiply-add when there are few vectors.
template <class Lanes, unsigned Rows, unsigned Vectors, unsigned Chains>
struct Block {
  static constexpr unsigned kParts = Lanes::kParts;
  static constexpr std::size_t kAhead = 2048;  // elements
  typename Lanes::Sum sums[Chains * Vectors * kParts];

  template <unsigned Chain, unsigned Vector, class Input, unsigned... P>
  inline __attribute__((always_inline)) void vector(const typename Lanes::Weights* parts,
                                                    const Input* inputs, Indices<P...>) {
    const auto x = Lanes::inputs(inputs);
    constexpr unsigned kFirst = (Chain * Vectors + Vector) * kParts;
    ((sums[kFirst + P] = Lanes::multiply_add(sums[kFirst + P], parts[P], x)), ...);
  }

  /// One group of `Rows` rows.
  template <unsigned Chain, class Weight, class Input, unsigned... V, unsigned... P>
  inline __attribute__((always_inline)) void step(const Weight* weights, const Input* inputs,
                                                  std::size_t stride, Indices<V...>,
                                                  Indices<P...> all) {
    const typename Lanes::Weights parts[kParts] = {Lanes::weights(weights, P)...};
    if constexpr (Vectors == 1) {
      // Single products wait for weights; the next panel follows in memory.
      __builtin_prefetch(weights + kAhead);
      __builtin_prefetch(weights + kAhead + 64 / sizeof(Weight));
    }
    (vector<Chain, V>(parts, inputs + V * stride, all), ...);
  }

  template <class Weight, class Input, unsigned... C>
  inline __attribute__((always_inline)) void run(const Weight* weights, std::size_t steps,
                                                 const Input* inputs, std::size_t stride,
                                                 Indices<C...>) {
    constexpr std::size_t kWeights = Rows * kPanelColumns;
    std::size_t at = 0;
    for (; at + Chains <= steps; at += Chains)
      (step<C>(weights + (at + C) * kWeights, inputs + (at + C) * Rows, stride, Count<Vectors>(),
               Count<kParts>()),
       ...);
    if constexpr (Chains > 1)
      for (; at < steps; ++at)
        step<0>(weights + at * kWeights, inputs + at * Rows, stride, Count<Vectors>(),
                Count<kParts>());
  }

  template <unsigned Vector, unsigned... P>
  inline __attribute__((always_inline)) void put_vector(std::int32_t* results, Indices<P...>) {
    (store(results + AIMC_LANES * P, Lanes::result(total<0>(Vector * kParts + P))), ...);
  }
  template <unsigned Chain>
  inline __attribute__((always_inline)) typename Lanes::Sum total(unsigned at) {
    const auto sum = sums[Chain * Vectors * kParts + at];
    if constexpr (Chain + 1 < Chains)
      return Lanes::add(sum, total<Chain + 1>(at));
    else
      return sum;
  }
  template <unsigned... V>
  inline __attribute__((always_inline)) void put_all(std::int32_t* results, std::size_t stride,
                                                     Indices<V...>) {
    (put_vector<V>(results + V * stride, Count<kParts>()), ...);
  }
  template <unsigned... I>
  inline __attribute__((always_inline)) void clear(Indices<I...>) {
    ((sums[I] = Lanes::zero()), ...);
  }
};

template <class Lanes, unsigned Rows, unsigned Vectors, unsigned Chains, class Weight, class Input>
__attribute__((noinline)) void panel(const Weight* weights, std::size_t steps, const Input* inputs,
                                     std::size_t input_stride, std::int32_t* results,
                                     std::size_t stride) {
  Block<Lanes, Rows, Vectors, Chains> block;
  block.clear(Count<Chains * Vectors * Lanes::kParts>());
  block.run(weights, steps, inputs, input_stride, Count<Chains>());
  block.put_all(results, stride, Count<Vectors>());
}

template <class Lanes, unsigned Rows, class Weight, class Input>
inline void panels(const Weight* weights, std::size_t steps, const Input* inputs,
                   std::size_t input_stride, std::size_t count, std::int32_t* results,
                   std::size_t stride) {
  std::size_t n = 0;
  const auto pass = [&]<unsigned Vectors, unsigned Chains>() __attribute__((always_inline)) {
    for (; n + Vectors <= count; n += Vectors)
      panel<Lanes, Rows, Vectors, Chains>(weights, steps, inputs + n * input_stride, input_stride,
                                          results + n * stride, stride);
  };
  pass.template operator()<AIMC_VECTORS, 1>();
  if constexpr (AIMC_VECTORS > 8) pass.template operator()<8, 1>();
  if constexpr (AIMC_VECTORS > 4) pass.template operator()<4, 2>();
  pass.template operator()<1, AIMC_LANES == 16 ? 4 : 1>();
}

void product16(const std::int16_t* weights, std::size_t pairs, const std::int16_t* inputs,
               std::size_t input_stride, std::size_t count, std::int32_t* results,
               std::size_t stride) {
  panels<Lanes16, 2>(weights, pairs, inputs, input_stride, count, results, stride);
}

void product8(const std::int8_t* weights, std::size_t quads, const std::uint8_t* inputs,
              std::size_t input_stride, std::size_t count, std::int32_t* results,
              std::size_t stride) {
  panels<Lanes8, 4>(weights, quads, inputs, input_stride, count, results, stride);
}

void to_single(const std::int32_t* sums, std::size_t count, float* results, bool add) {
  if (add)
    for (std::size_t i = 0; i < count; ++i) results[i] += static_cast<float>(sums[i]);
  else
    for (std::size_t i = 0; i < count; ++i) results[i] = static_cast<float>(sums[i]);
}

// ---- inputs

void square(const std::int16_t* steps, std::size_t count, unsigned shift, std::uint8_t* squares) {
  const int half = shift > 0 ? 1 << (shift - 1) : 0;
  for (std::size_t i = 0; i < count; ++i) {
    // At most 127^2 + 64, which 16 bits hold.
    const auto sum = static_cast<std::uint16_t>(steps[i] * steps[i] + half);
    squares[i] = static_cast<std::uint8_t>(sum >> shift);
  }
}

void convert_inputs(const std::int8_t* inputs, std::size_t count, unsigned shift,
                    std::int16_t* steps, std::uint8_t* squares) {
  const int half = shift > 0 ? 1 << (shift - 1) : 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto x = static_cast<std::int16_t>(inputs[i] < -127 ? -127 : inputs[i]);
    steps[i] = x;
    const auto sum = static_cast<std::uint16_t>(x * x + half);
    squares[i] = static_cast<std::uint8_t>(sum >> shift);
  }
}

// ---- noise

inline Words rotate(Words x, int r) { return (x << r) | (x >> (32 - r)); }

/// Threefry-4x32 with 12 rounds (Salmon et al., SC 2011: the fewest that pass BigCrush are 12).
inline void threefry(const std::uint32_t* key, Words counter, std::uint64_t operation,
                     Words (&x)[4]) {
  const std::uint32_t k[5] = {key[0], key[1], key[2], key[3],
                              0x1BD11BDAu ^ key[0] ^ key[1] ^ key[2] ^ key[3]};
  x[0] = counter + k[0];
  x[1] = spread(static_cast<std::uint32_t>(operation) + k[1]);
  x[2] = spread(static_cast<std::uint32_t>(operation >> 32) + k[2]);
  x[3] = spread(k[3]);
  constexpr int kRotations[8][2] = {{10, 26}, {11, 21}, {13, 27}, {23, 5},
                                    {6, 20},  {17, 11}, {25, 10}, {18, 20}};
#pragma GCC unroll 12
  for (unsigned round = 0; round < 12; ++round) {
    const int a = kRotations[round % 8][0];
    const int b = kRotations[round % 8][1];
    Words& left = round % 2 == 0 ? x[1] : x[3];
    Words& right = round % 2 == 0 ? x[3] : x[1];
    x[0] += left;
    left = rotate(left, a) ^ x[0];
    x[2] += right;
    right = rotate(right, b) ^ x[2];
    if (round % 4 == 3) {
      const std::uint32_t s = (round + 1) / 4;
      x[0] += k[s % 5];
      x[1] += k[(s + 1) % 5];
      x[2] += k[(s + 2) % 5];
      x[3] += k[(s + 3) % 5] + s;
    }
  }
}

/// -2 ln of ((word >> 8) + 1) / 2^24, at least 0; absolute error below 2e-5.
inline Floats minus_two_log(Words word) {
  const Ints count = (Ints)((word >> 8) + 1u);
  const Ints pattern = bits<Ints>(__builtin_convertvector(count, Floats));
  // Mantissa in [0.75, 1.5): shifting the pattern's zero there leaves the exponent aside.
  const Ints shifted = pattern - 0x3f400000;
  const Ints exponent = shifted >> 23;
  const Floats m = bits<Floats>((shifted & 0x007fffff) + 0x3f400000) - 1.0f;
  Floats p = spread(-0.103241461f);
  p = p * m + 0.204171577f;
  p = p * m - 0.256690528f;
  p = p * m + 0.33360527f;
  p = p * m - 0.499845787f;
  const Floats ln = (p * m) * m + m;
  const Floats e = __builtin_convertvector(exponent - 24, Floats);
  const Floats r = e * -1.3862943611f - (ln + ln);
  return larger(r, Floats{});
}

/// Cosine and sine of 2 pi (word >> 8) / 2^24; absolute error below 2e-5.
inline void cosine_sine(Words word, Floats& cosine, Floats& sine) {
  const Words fraction = word >> 8;
  const Words turn = (fraction + (1u << 21)) >> 22;  // nearest quarter turn, 0..4
  const Ints rest = (Ints)(fraction - (turn << 22));
  const Floats a = __builtin_convertvector(rest, Floats) * (6.28318530718f / 16777216.0f);
  const Floats z = a * a;
  const Floats s = ((z * 8.15298461e-3f - 0.166628335f) * z) * a + a;
  const Floats c = (z * 4.0488952e-2f - 0.499776317f) * z + 1.0f;
  const Ints odd = (Ints)(turn << 31) >> 31;
  const Floats sine_size = bits<Floats>((bits<Ints>(c) & odd) | (bits<Ints>(s) & ~odd));
  const Floats cosine_size = bits<Floats>((bits<Ints>(s) & odd) | (bits<Ints>(c) & ~odd));
  const Words sine_sign = (turn << 30) & 0x80000000u;
  const Words cosine_sign = ((turn + 1u) << 30) & 0x80000000u;
  sine = bits<Floats>(bits<Words>(sine_size) ^ sine_sign);
  cosine = bits<Floats>(bits<Words>(cosine_size) ^ cosine_sign);
}

// ---- from sums to results

/// Calls `put(column, raw)` for the columns of one vector, `AIMC_LANES` at a time.
template <class Put>
inline void one_vector(const NoiseSource& noise, std::uint32_t group, std::uint64_t operation,
                       unsigned halves, const float* sums, const float* variances,
                       const ColumnTerms& terms, const Put& put) {
  const auto raw = [&](unsigned c) __attribute__((always_inline)) {
    return load(sums + c) * load(terms.gain + c) + load(terms.offset + c);
  };
  if (!noise.on) {
    for (unsigned c = 0; c < halves * kPanelColumns; c += AIMC_LANES) put(c, raw(c));
    return;
  }
  for (unsigned lane = 0; lane < 16; lane += AIMC_LANES) {
    Words words[4];
    threefry(noise.key, spread(16 * group + lane) + lane_numbers(), operation, words);
#pragma GCC unroll 2
    for (unsigned half = 0; half < 2; ++half) {
      if (half == halves) break;
      const Floats squared_radius = minus_two_log(words[2 * half]);
      Floats direction[2];
      cosine_sine(words[2 * half + 1], direction[0], direction[1]);
      for (unsigned i = 0; i < 2; ++i) {
        const unsigned c = half * kPanelColumns + 16 * i + lane;
        const Floats variance = larger(load(variances + c) * load(terms.spread + c), Floats{});
        const Floats sigma = square_root((variance + load(terms.floor + c)) * squared_radius);
        put(c, raw(c) + sigma * direction[i]);
      }
    }
  }
}

void noisy(const NoiseSource& noise, std::uint32_t group, std::uint64_t first, unsigned halves,
           std::size_t count, const float* sums, const float* variances, std::size_t stride,
           const ColumnTerms& terms, float* raw, std::size_t raw_stride) {
  for (std::size_t n = 0; n < count; ++n) {
    float* const out = raw + n * raw_stride;
    one_vector(
        noise, group, first + n, halves, sums + n * stride, variances + n * stride,
        terms, [&](unsigned c, Floats x) __attribute__((always_inline)) { store(out + c, x); });
  }
}

std::uint64_t convert(const NoiseSource& noise, std::uint32_t group, std::uint64_t first,
                      unsigned halves, std::size_t count, const float* sums, const float* variances,
                      std::size_t stride, const ColumnTerms& terms, std::int32_t* results,
                      std::size_t result_stride) {
  constexpr float kWhole = 12582912.0f;  // 1.5 * 2^23: adding it rounds to whole numbers
  std::uint64_t clipped = 0;
  for (std::size_t n = 0; n < count; ++n) {
    std::int32_t* const out = results + n * result_stride;
    one_vector(
        noise, group, first + n, halves, sums + n * stride, variances + n * stride,
        terms, [&](unsigned c, Floats raw) __attribute__((always_inline)) {
          const Floats limit = load(terms.limit + c);
          clipped += count_above(raw, limit + 0.5f);
          const Floats held = larger(smaller(raw, limit), -limit);
          const Floats code = (held + kWhole) - kWhole;
          store(out + c, nearest(code * load(terms.scale + c)));
        });
  }
  return clipped;
}

}  // namespace
