package dev.darkroom.protocol.failure;

/// A reason for failure, stable across versions: part of the public contract.
public enum FailureCode {
    /// The record is not a job: malformed JSON, unknown or missing fields, values out of range.
    INVALID_JOB(Category.REQUEST),
    /// The lane's catalogue has no such model.
    UNKNOWN_MODEL(Category.REQUEST),
    /// The model, or this version, cannot do what a field asks for.
    UNSUPPORTED_PARAMETER(Category.REQUEST),
    /// An input object does not exist or may not be read.
    INPUT_NOT_FOUND(Category.REQUEST),
    /// An input object was found and refused: type, size or content.
    INPUT_REJECTED(Category.REQUEST),
    /// A field is above or below what this fleet's configuration, or the model, allows.
    LIMIT_EXCEEDED(Category.REQUEST),
    /// The job's deadline passed before it was done.
    DEADLINE_PASSED(Category.REQUEST),
    /// A safety checker refused every output.
    CONTENT_FILTERED(Category.REQUEST),
    /// The device had too little memory for this job alone.
    OUT_OF_MEMORY(Category.CAPACITY),
    /// The model does not fit this worker's memory budget.
    MODEL_TOO_LARGE(Category.CAPACITY),
    /// The object store is away.
    STORAGE_UNAVAILABLE(Category.DEPENDENCY),
    /// The place that models are fetched from is away.
    MODEL_SOURCE_UNAVAILABLE(Category.DEPENDENCY),
    /// The device failed in a way that only a new process can mend.
    DEVICE_LOST(Category.INTERNAL),
    /// An error of the worker that has no other name.
    BUG(Category.INTERNAL),
    /// Every output held not-a-number, infinite or constant values.
    DEGENERATE_OUTPUT(Category.FINAL),
    /// The job was delivered too often without an end.
    DELIVERY_EXHAUSTED(Category.FINAL);

    private final Category category;

    FailureCode(Category category) {
        this.category = category;
    }

    /// The category, which decides what happens to the job.
    public Category category() {
        return category;
    }
}
