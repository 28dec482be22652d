package dev.darkroom.worker.sampling;

import java.io.Serial;
import java.util.List;

/// A scheduler that cannot be built or started as asked: the field, its value and what is legal.
public final class UnsupportedSchedulerException extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;

    private final String field;
    private final String legal;

    /// Says that `subject` (a scheduler) does not take `value` for `field`, and what it takes.
    UnsupportedSchedulerException(String subject, String field, String value, String legal) {
        super(subject + " does not support " + field + " " + value + "; legal: " + legal);
        this.field = field;
        this.legal = legal;
    }

    /// As the other constructor, with the legal values listed.
    UnsupportedSchedulerException(String subject, String field, String value, List<String> legal) {
        this(subject, field, value, String.join(", ", legal));
    }

    private UnsupportedSchedulerException(UnsupportedSchedulerException cause, String more) {
        super(cause.getMessage() + more, cause);
        this.field = cause.field;
        this.legal = cause.legal + more;
    }

    /// This refusal, with the schedulers that would take what this one does not.
    UnsupportedSchedulerException withAlternatives(List<String> names) {
        String fitting = names.isEmpty() ? "none that is built" : String.join(", ", names);
        return new UnsupportedSchedulerException(
                this, "; schedulers that fit the model: " + fitting);
    }

    /// The field of the configuration, or the parameter of the job, at fault.
    public String field() {
        return field;
    }

    /// What the field may be.
    public String legal() {
        return legal;
    }
}
