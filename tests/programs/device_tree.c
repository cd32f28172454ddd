/* SPDX-License-Identifier: Apache-2.0 */
/* Finds its devices in the flattened device tree that a1 points to at start, as programs for many
 * boards do, and uses what it found. */
#include "serial.h"

enum { BEGIN = 1, END = 2, PROPERTY = 3, FINISH = 9, DEPTH = 8 };

static uint32_t word(const uint8_t* at) {
  return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}
static uint32_t length(const char* text) {
  uint32_t count = 0;
  while (text[count] != '\0') ++count;
  return count;
}
static int same(const char* a, const char* b) {
  while (*a != '\0' && *a == *b) {
    ++a;
    ++b;
  }
  return *a == *b;
}
static int lists(const uint8_t* value, uint32_t size, const char* wanted) {
  for (uint32_t at = 0; at < size; at += length((const char*)value + at) + 1)
    if (same((const char*)value + at, wanted)) return 1;
  return 0;
}

typedef struct {
  const uint8_t *compatible, *reg, *interrupts, *type, *timebase;
  uint32_t compatible_size;
} node_t;

static uint32_t virtio, harts;
static uint32_t serial_base, serial_irq, test_base;

static void leave(const node_t* node) {
  static const char* const wanted[] = {"ns16550a", "sifive,clint0", "sifive,plic-1.0.0",
                                       "sifive,test1"};
  if (node->timebase != 0) line("timebase", word(node->timebase));
  if (node->type != 0 && same((const char*)node->type, "memory")) {
    line("memory", word(node->reg + 4));
    line("bytes", word(node->reg + 12));
  }
  if (node->type != 0 && same((const char*)node->type, "cpu")) ++harts;
  if (node->compatible == 0 || node->reg == 0) return;
  if (lists(node->compatible, node->compatible_size, "virtio,mmio")) ++virtio;
  for (uint32_t i = 0; i < 4; ++i) {
    if (!lists(node->compatible, node->compatible_size, wanted[i])) continue;
    print(wanted[i]);
    line(" at", word(node->reg + 4));
    if (i == 0) {
      serial_base = word(node->reg + 4);
      serial_irq = word(node->interrupts);
    }
    if (i == 3) test_base = word(node->reg + 4);
  }
}

static void walk(const uint8_t* blob) {
  static node_t open[DEPTH];
  const uint8_t* at = blob + word(blob + 8);
  const char* const strings = (const char*)blob + word(blob + 12);
  for (int depth = -1;;) {
    const uint32_t token = word(at);
    at += 4;
    if (token == BEGIN) {
      open[++depth] = (node_t){0, 0, 0, 0, 0, 0};
      at += (length((const char*)at) + 4) & ~3u;
    } else if (token == END) {
      leave(&open[depth--]);
    } else if (token == PROPERTY) {
      const uint32_t size = word(at);
      const char* const name = strings + word(at + 4);
      at += 8;
      if (same(name, "compatible")) {
        open[depth].compatible = at;
        open[depth].compatible_size = size;
      }
      if (same(name, "reg")) open[depth].reg = at;
      if (same(name, "interrupts")) open[depth].interrupts = at;
      if (same(name, "device_type")) open[depth].type = at;
      if (same(name, "timebase-frequency")) open[depth].timebase = at;
      at += (size + 3) & ~3u;
    } else if (token == FINISH) {
      return;
    }
  }
}

int main(uint32_t hart, const uint8_t* blob) {
  line("hart", hart);
  if (word(blob) != 0xd00dfeed) return 1;
  line("version", word(blob + 20));
  walk(blob);
  line("harts", harts);
  line("virtio", virtio);
  line("irq", serial_irq);
  if (serial_base != 0x10000000 || test_base == 0) return 2;
  print("off\n");
  *(volatile uint32_t*)test_base = 0x5555;
  return 3;
}
