/* SPDX-License-Identifier: Apache-2.0 */
#include "hal/sensor.h"

#include <stddef.h>

#include "aimc/sensor/sensor_regs.h"
#include "hal/mmio.h"

#define ALL_EVENTS (SENSOR_IRQ_STATUS_FRAME_MASK | SENSOR_IRQ_STATUS_END_MASK)

hal_result_t sensor_stream(const sensor_t *sensor, sensor_stream_t *stream) {
    if (sensor == NULL || stream == NULL) return HAL_BAD_ARG;
    stream->record_bytes = mmio_read32(sensor->base + SENSOR_RECORD_BYTES_OFFSET);
    stream->records = mmio_read32(sensor->base + SENSOR_RECORDS_OFFSET);
    return stream->record_bytes == 0 ? HAL_NOT_FOUND : HAL_OK;
}

void sensor_start(const sensor_t *sensor, bool irq) {
    mmio_write32(sensor->base + SENSOR_IRQ_STATUS_OFFSET, ALL_EVENTS);
    mmio_write32(sensor->base + SENSOR_IRQ_ENABLE_OFFSET, irq ? ALL_EVENTS : 0);
    mmio_write32(sensor->base + SENSOR_CTRL_OFFSET, SENSOR_CTRL_ENABLE_MASK);
}

void sensor_stop(const sensor_t *sensor) {
    mmio_write32(sensor->base + SENSOR_CTRL_OFFSET, 0);
    mmio_write32(sensor->base + SENSOR_IRQ_ENABLE_OFFSET, 0);
}

sensor_events_t sensor_take_events(const sensor_t *sensor) {
    const uint32_t status = mmio_read32(sensor->base + SENSOR_IRQ_STATUS_OFFSET);
    mmio_write32(sensor->base + SENSOR_IRQ_STATUS_OFFSET, status);
    const sensor_events_t events = {(status & SENSOR_IRQ_STATUS_FRAME_MASK) != 0,
                                    (status & SENSOR_IRQ_STATUS_END_MASK) != 0};
    return events;
}

uint32_t sensor_frame(const sensor_t *sensor) {
    return mmio_read32(sensor->base + SENSOR_FRAME_OFFSET);
}

uint32_t sensor_window(const sensor_t *sensor) {
    return (uint32_t)sensor->base + SENSOR_WINDOW_OFFSET;
}

void sensor_release(const sensor_t *sensor) {
    mmio_write32(sensor->base + SENSOR_CTRL_OFFSET,
                 SENSOR_CTRL_ENABLE_MASK | SENSOR_CTRL_NEXT_MASK);
}
