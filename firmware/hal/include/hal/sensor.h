/* SPDX-License-Identifier: Apache-2.0 */
/* Streaming input: one record after the other in a window that DMA can read. */
#ifndef AIMC_HAL_SENSOR_H
#define AIMC_HAL_SENSOR_H

#include <stdbool.h>
#include <stdint.h>

#include "hal/result.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    uintptr_t base;
} sensor_t;

typedef struct {
    uint32_t records;      /**< In the stream. */
    uint32_t record_bytes; /**< Of each; 0 without an input. */
} sensor_stream_t;

/** What has happened since the last call of sensor_take_events(). */
typedef struct {
    bool frame; /**< A record was presented. */
    bool end;   /**< All records have been released. */
} sensor_events_t;

/** Describes the input. @return HAL_OK, or HAL_NOT_FOUND if there is none. */
hal_result_t sensor_stream(const sensor_t *sensor, sensor_stream_t *stream);

/** Starts to present records; `irq` lets both events interrupt. Old events are cleared first. */
void sensor_start(const sensor_t *sensor, bool irq);

/** Stops and turns the interrupt off. */
void sensor_stop(const sensor_t *sensor);

/** Reads and clears the events. */
sensor_events_t sensor_take_events(const sensor_t *sensor);

/** Number of the record in the window, from 0. */
uint32_t sensor_frame(const sensor_t *sensor);

/** Bus address of the window. */
uint32_t sensor_window(const sensor_t *sensor);

/** Releases the record: the window may change from now on. */
void sensor_release(const sensor_t *sensor);

#ifdef __cplusplus
}
#endif

#endif /* AIMC_HAL_SENSOR_H */
