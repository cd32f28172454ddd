// SPDX-License-Identifier: Apache-2.0
#include "bits.h"

namespace aimc::riscv::reference {
namespace {

template <U32 (*kFunction)(U32, U32)>
void two(Hart& h, U32 w) {
  h.set_x(rd(w), kFunction(h.x[rs1(w)], h.x[rs2(w)]));
}
template <U32 (*kFunction)(U32, U32)>
void with_amount(Hart& h, U32 w) {
  h.set_x(rd(w), kFunction(h.x[rs1(w)], rs2(w)));
}
template <U32 (*kFunction)(U32)>
void one(Hart& h, U32 w) {
  h.set_x(rd(w), kFunction(h.x[rs1(w)]));
}
template <unsigned kAmount>
U32 shift_and_add(U32 a, U32 b) {
  return shift_add(kAmount, a, b);
}

}  // namespace

const Rows& bit_rows() {
  static const Rows kRows = {
      {"sh1add", two<shift_and_add<1>>},
      {"sh2add", two<shift_and_add<2>>},
      {"sh3add", two<shift_and_add<3>>},
      {"andn", two<andn>},
      {"orn", two<orn>},
      {"xnor", two<xnor>},
      {"clz", one<clz>},
      {"ctz", one<ctz>},
      {"cpop", one<cpop>},
      {"sext.b", one<sext_b>},
      {"sext.h", one<sext_h>},
      {"zext.h", one<zext_h>},
      {"min", two<min>},
      {"minu", two<minu>},
      {"max", two<max>},
      {"maxu", two<maxu>},
      {"rol", two<rol>},
      {"ror", two<ror>},
      {"rori", with_amount<ror>},
      {"orc.b", one<orc_b>},
      {"rev8", one<rev8>},
      {"bclr", two<bclr>},
      {"bclri", with_amount<bclr>},
      {"bext", two<bext>},
      {"bexti", with_amount<bext>},
      {"binv", two<binv>},
      {"binvi", with_amount<binv>},
      {"bset", two<bset>},
      {"bseti", with_amount<bset>},
  };
  return kRows;
}

}  // namespace aimc::riscv::reference
