/* SPDX-License-Identifier: Apache-2.0 */
/* The network image: what the compiler writes, the firmware runs and the reference interpreter
 * evaluates. Plain C, so that firmware and host share this one definition.
 *
 * Little-endian; all offsets count bytes from the start of the image; sections are 8-byte aligned.
 * The image is linked for one load address: DMA descriptors inside it hold bus addresses.
 *
 * Execution model: a marked graph. A task fires when it holds a token on each of its `inputs`
 * edges; when it completes, each of its outgoing edges delivers one token to another task. Edges
 * that start with a token (credits, e.g. "this buffer is free") are already deducted from
 * `missing`. Every edge belongs to a cycle with one token, so no edge ever holds two. The setup
 * graph runs once and programs the chip; the frame graph then runs for as long as the sensor
 * delivers, with several frames in flight.
 *
 * Tasks stand in the order of one pass: an edge to a later task starts empty, an edge to the same
 * or an earlier task starts with a token. The setup graph has edges to later tasks only. The frame
 * graph has one BEGIN, one RELEASE and one RESULT.
 */
#ifndef AIMC_NETWORK_FORMAT_H
#define AIMC_NETWORK_FORMAT_H

#include <stdint.h>

#define AIMC_NETWORK_MAGIC 0x434d4941u /* "AIMC" */
#define AIMC_NETWORK_VERSION 1u
#define AIMC_NETWORK_NONE 0xffffffffu /* no index, no offset */

/* Sections, in the order of `section` in the header. */
enum {
  AIMC_SECTION_ENGINES = 0, /* aimc_network_engine_t */
  AIMC_SECTION_SETUP = 1,   /* aimc_network_task_t: the setup graph */
  AIMC_SECTION_FRAME = 2,   /* aimc_network_task_t: the frame graph */
  AIMC_SECTION_EDGES = 3,   /* uint32_t: target task, an index in the graph of the source task */
  AIMC_SECTION_LAYERS = 4,  /* aimc_network_layer_t: the network itself, free of any mapping */
  AIMC_SECTION_TENSORS = 5, /* aimc_network_tensor_t */
  AIMC_SECTION_STRINGS = 6, /* bytes: NUL-terminated names; offset 0 is the empty string */
  AIMC_SECTION_DATA = 7,    /* bytes: weights, tables, engine commands, DMA descriptors */
  AIMC_SECTION_COUNT = 8
};

typedef struct {
  uint32_t offset; /* bytes from the start of the image */
  uint32_t count;  /* elements (bytes for STRINGS and DATA) */
} aimc_network_section_t;

typedef struct {
  uint32_t magic;
  uint32_t version;
  uint32_t header_bytes; /* sizeof(aimc_network_header_t) */
  uint32_t total_bytes;  /* of the image */
  uint32_t crc32;        /* zlib CRC-32 of the image with this word taken as 0 */
  uint32_t load_address; /* bus address of the image */
  uint32_t input_bytes;  /* one sensor record */
  uint32_t logits;       /* elements of the output tensor (int8) */
  uint32_t input_tensor; /* index in TENSORS */
  uint32_t output_tensor;
  uint32_t name;     /* in STRINGS: of the network */
  uint32_t platform; /* in STRINGS: what it was compiled for */
  aimc_network_section_t section[AIMC_SECTION_COUNT];
} aimc_network_header_t;

/* An endpoint with a command queue. */
typedef struct {
  uint32_t id;   /* expected ENGINE_ID, e.g. "CIMT" or "ACTE" */
  uint32_t base; /* bus address of its window */
  uint32_t irq;  /* PLIC source */
  uint32_t name; /* in STRINGS */
} aimc_network_engine_t;

enum {
  AIMC_TASK_DMA = 0,     /* argument: bus address of a descriptor chain; any free channel */
  AIMC_TASK_ENGINE = 1,  /* argument: SRAM offset of a command descriptor of `engine` */
  AIMC_TASK_BEGIN = 2,   /* completes when the sensor presents a record */
  AIMC_TASK_RELEASE = 3, /* releases the sensor's record */
  AIMC_TASK_RESULT = 4   /* logits and class stand in the result port: commit them */
};

typedef struct {
  uint32_t type;
  uint32_t engine;     /* index in ENGINES, or AIMC_NETWORK_NONE */
  uint32_t argument;   /* see the types */
  uint32_t first_edge; /* outgoing edges in EDGES */
  uint32_t edges;
  uint32_t inputs;  /* incoming edges: tokens needed to fire */
  uint32_t missing; /* of these, without a token at the start */
  uint32_t name;    /* in STRINGS */
} aimc_network_task_t;

/* A feature map, height x width x channels, channels fastest; int8, real = scale * q. */
typedef struct {
  uint32_t height;
  uint32_t width;
  uint32_t channels;
  float scale;
  uint32_t name; /* in STRINGS */
} aimc_network_tensor_t;

enum {
  AIMC_LAYER_INPUT = 0, /* uint8 record to int8: per-channel affine table; see `flags` */
  AIMC_LAYER_CONV = 1,  /* convolution; a dense layer is one whose kernel is the whole map */
  AIMC_LAYER_MAX_POOL = 2,
  AIMC_LAYER_AVERAGE_POOL = 3, /* round(sum * multiplier / (n * 2^shift)) */
  AIMC_LAYER_ADD = 4,          /* round((a * multiplier + b * multiplier2) / 2^shift) */
  AIMC_LAYER_LUT = 5,          /* table of 256 int8, index in + 128 */
  AIMC_LAYER_LEAKY = 6,        /* in >= 0: multiplier, in < 0: multiplier2; / 2^shift */
  AIMC_LAYER_SOFTMAX = 7       /* table of 256 uint16, see the activation engine */
};

#define AIMC_LAYER_FLAG_COUNT_PAD 1u /* AVERAGE_POOL: padding counts in n */
#define AIMC_LAYER_FLAG_PLANAR 2u    /* INPUT: the record holds one plane per channel (CHW) */

typedef struct {
  uint32_t type;
  uint32_t name;   /* in STRINGS */
  uint32_t input;  /* index in TENSORS; AIMC_NETWORK_NONE for INPUT */
  uint32_t input2; /* ADD */
  uint32_t output; /* index in TENSORS */
  uint32_t kernel_height, kernel_width;
  uint32_t stride_y, stride_x;
  uint32_t pad_top, pad_left; /* bottom and right follow from the output's size */
  uint32_t dilation_y, dilation_x;
  uint32_t weights; /* CONV: offset in DATA of int8 [rows][columns]; row = (ky*kw + kx)*cin + c */
  uint32_t affine;  /* CONV, INPUT: offset in DATA of one cim affine struct per output channel */
  uint32_t table;   /* LUT, SOFTMAX: offset in DATA */
  uint32_t multiplier, multiplier2, shift;
  int32_t clamp_low, clamp_high; /* bounds of the int8 output */
  uint32_t flags;
} aimc_network_layer_t;

#endif /* AIMC_NETWORK_FORMAT_H */
