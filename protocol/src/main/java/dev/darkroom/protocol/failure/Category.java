package dev.darkroom.protocol.failure;

/// Whose fault a failure is, which decides what happens next.
public enum Category {
    /// The submitter's: the job can never succeed as it is. Not retried.
    REQUEST,
    /// This worker was too small for the job; another, or a later hour, may do. Retried after a
    /// delay.
    CAPACITY,
    /// Something that the worker needs is away. Waited for; never counts against the job.
    DEPENDENCY,
    /// The worker's own: a lost device or a bug. Retried after a delay.
    INTERNAL,
    /// The same input gives the same bad end. Not retried.
    FINAL
}
