/** How much of one OTLP message is read, the same for JSON and protobuf. What is beyond is left out, and counted. */
export const otlpBounds = {
  /** Spans, log records or data points of one message. */
  itemsMax: 100_000,
  /** Attributes of one span, record, event or resource; items of one list among the values. */
  attributesMax: 1_000,
  /** Events of one span. */
  eventsMax: 128,
  /** Lists and maps within each other, in one value. */
  depthMax: 4,
} as const
