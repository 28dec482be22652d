package dev.darkroom.worker.pipeline;

import dev.darkroom.protocol.failure.Failure;
import dev.darkroom.protocol.failure.FailureCode;
import dev.darkroom.protocol.failure.FailureException;
import dev.darkroom.protocol.failure.Violation;
import dev.darkroom.worker.model.FolderNotes.Range;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Collects what is wrong with a job's fields while they are filled in, and refuses the job once
/// with all of it.
final class Terms {
    private static final int SHOWN = 80;

    private final Map<String, Range> limits;
    private final List<Violation> unsupported = new ArrayList<>();
    private final List<Violation> beyond = new ArrayList<>();

    /// Terms with the limits of a model's folder, by field.
    Terms(Map<String, Range> limits) {
        this.limits = limits;
    }

    /// The value as it is, held to the folder's limits.
    <N extends Number> N within(String field, N value) {
        Range range = limits.get(field);
        if (range != null && !range.holds(value.doubleValue())) {
            beyond.add(
                    new Violation(
                            "spec." + field, value.toString(), range + ", as the model says"));
        }
        return value;
    }

    /// What is legal for a field by `rule` and by the folder's limits together: where those leave
    /// one value, it is all there is to say.
    String legal(String field, String rule) {
        Range range = limits.get(field);
        if (range == null) {
            return rule;
        }
        String model = range + ", as the model says";
        return range.least() == range.greatest() ? model : rule + " within " + model;
    }

    /// The model, or this version, cannot do what the field asks for.
    void unsupported(String field, Object value, String legal) {
        String text = value.toString();
        String shown = text.length() > SHOWN ? text.substring(0, SHOWN) + "…" : text;
        unsupported.add(new Violation("spec." + field, shown, legal));
    }

    /// The field must be absent.
    void absent(String field, @Nullable Object value, String why) {
        if (value != null) {
            unsupported(field, value, "absent: " + why);
        }
    }

    /// The field must be absent or 0.
    void zero(String field, @Nullable Number value, String why) {
        if (value != null && value.doubleValue() != 0) {
            unsupported(field, value, "0: " + why);
        }
    }

    /// The first value that there is.
    static <T> T first(@Nullable T asked, @Nullable T folder, T own) {
        return asked != null ? asked : Objects.requireNonNullElse(folder, own);
    }

    /// A field of a prepared job, which has all of them.
    static <T> T given(@Nullable T field) {
        return Objects.requireNonNull(field, "not a prepared job");
    }

    /// Refuses the job if anything was wrong.
    ///
    /// @throws FailureException with every violation: `UNSUPPORTED_PARAMETER`, or `LIMIT_EXCEEDED`
    ///   when only limits are violated
    void check() {
        List<Violation> all = new ArrayList<>(unsupported);
        all.addAll(beyond);
        if (!all.isEmpty()) {
            FailureCode code =
                    unsupported.isEmpty()
                            ? FailureCode.LIMIT_EXCEEDED
                            : FailureCode.UNSUPPORTED_PARAMETER;
            throw new FailureException(Failure.of(code, all));
        }
    }
}
