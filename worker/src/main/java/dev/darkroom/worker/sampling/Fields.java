package dev.darkroom.worker.sampling;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The typed reading of a [SchedulerConfig] for one class of scheduler, with that class's defaults.
///
/// A scheduler reads every field it has, then calls [#refuseUnknown]: a field that no scheduler of
/// the reference has is refused. A field that only other classes have is passed over, as the
/// reference does when it builds one class from another's configuration.
final class Fields {
    /// The fields of the reference's schedulers that are built here or share their configuration
    /// (`KarrasDiffusionSchedulers` in `schedulers/scheduling_utils.py`), and `clip_sample` of old
    /// folders.
    private static final Set<String> KNOWN =
            Set.of(
                    "num_train_timesteps",
                    "beta_start",
                    "beta_end",
                    "beta_schedule",
                    "trained_betas",
                    "variance_type",
                    "clip_sample",
                    "clip_sample_range",
                    "prediction_type",
                    "thresholding",
                    "dynamic_thresholding_ratio",
                    "sample_max_value",
                    "timestep_spacing",
                    "timestep_type",
                    "timestep_scaling",
                    "steps_offset",
                    "rescale_betas_zero_snr",
                    "set_alpha_to_one",
                    "skip_prk_steps",
                    "interpolation_type",
                    "use_karras_sigmas",
                    "use_exponential_sigmas",
                    "use_beta_sigmas",
                    "use_lu_lambdas",
                    "use_flow_sigmas",
                    "flow_shift",
                    "use_dynamic_shifting",
                    "time_shift_type",
                    "shift_terminal",
                    "sigma_min",
                    "sigma_max",
                    "final_sigmas_type",
                    "lambda_min_clipped",
                    "solver_order",
                    "solver_type",
                    "solver_p",
                    "algorithm_type",
                    "lower_order_final",
                    "euler_at_final",
                    "predict_x0",
                    "disable_corrector",
                    "noise_sampler_seed",
                    "original_inference_steps",
                    "shift",
                    "base_shift",
                    "max_shift",
                    "base_image_seq_len",
                    "max_image_seq_len",
                    "invert_sigmas",
                    "stochastic_sampling",
                    "sigma_data",
                    "sigma_schedule",
                    "rho");

    private final String scheduler;
    private final Map<String, @Nullable Object> fields;
    private final Set<String> read = new HashSet<>();

    /// The fields of `config` as `scheduler`, the reference's name of a class, sees them.
    Fields(String scheduler, SchedulerConfig config) {
        this.scheduler = scheduler;
        this.fields = config.fields();
    }

    /// The class that reads.
    String scheduler() {
        return scheduler;
    }

    /// A whole number of at least `least`.
    int integer(String field, int otherwise, int least) {
        if (!given(field)) {
            return otherwise;
        }
        if (fields.get(field) instanceof Number number
                && number.doubleValue() == number.intValue()
                && number.intValue() >= least) {
            return number.intValue();
        }
        throw refusal(field, "a whole number of at least " + least);
    }

    /// A finite number.
    double number(String field, double otherwise) {
        OptionalDouble value = optionalNumber(field);
        if (value.isEmpty() && given(field)) {
            throw refusal(field, "a number");
        }
        return value.orElse(otherwise);
    }

    /// A finite number, if there is one; `null` is none.
    OptionalDouble optionalNumber(String field) {
        if (!given(field) || fields.get(field) == null) {
            return OptionalDouble.empty();
        }
        if (fields.get(field) instanceof Number number && Double.isFinite(number.doubleValue())) {
            return OptionalDouble.of(number.doubleValue());
        }
        throw refusal(field, "a number, or null");
    }

    /// A number that may be infinitely small.
    double lowerBound(String field) {
        if (!given(field)) {
            return Double.NEGATIVE_INFINITY;
        }
        if (fields.get(field) instanceof Number number
                && number.doubleValue() < Double.POSITIVE_INFINITY) {
            return number.doubleValue();
        }
        throw refusal(field, "a number, or -Infinity");
    }

    /// A list of numbers, if there is one; `null` is none.
    Optional<List<Double>> numbers(String field) {
        if (!given(field) || fields.get(field) == null) {
            return Optional.empty();
        }
        if (fields.get(field) instanceof List<?> list
                && list.stream().allMatch(Number.class::isInstance)) {
            return Optional.of(
                    list.stream().map(element -> ((Number) element).doubleValue()).toList());
        }
        throw refusal(field, "a list of numbers, or null");
    }

    /// A list of whole numbers; none where it is not given.
    List<Integer> wholeNumbers(String field) {
        if (!given(field)) {
            return List.of();
        }
        if (fields.get(field) instanceof List<?> list
                && list.stream().allMatch(element -> element instanceof Integer)) {
            return list.stream().map(Integer.class::cast).toList();
        }
        throw refusal(field, "a list of whole numbers");
    }

    /// Refuses a value for a field that the reference has and this code does not.
    void requireNull(String field) {
        if (given(field) && fields.get(field) != null) {
            throw refusal(field, "null");
        }
    }

    /// A flag that is off unless given; `null` is off.
    boolean offUnlessGiven(String field) {
        return given(field) && flag(field);
    }

    /// A flag that is on unless given; `null` is off.
    boolean onUnlessGiven(String field) {
        return !given(field) || flag(field);
    }

    /// One of `legal`, of which the first holds where none is given.
    String choice(String field, String... legal) {
        if (!given(field)) {
            return legal[0];
        }
        if (fields.get(field) instanceof String value && Arrays.asList(legal).contains(value)) {
            return value;
        }
        throw refusal(field, Stream.of(legal).distinct().collect(Collectors.joining(", ")));
    }

    /// As [#choice], where `null` means the first too.
    String choiceOrNull(String field, String... legal) {
        return given(field) && fields.get(field) == null ? legal[0] : choice(field, legal);
    }

    /// Whether the field has exactly this value.
    boolean is(String field, String value) {
        return given(field) && value.equals(fields.get(field));
    }

    /// Refuses every field that no scheduler has. The last thing that a constructor reads.
    void refuseUnknown() {
        for (String field : fields.keySet()) {
            if (!field.startsWith("_") && !read.contains(field) && !KNOWN.contains(field)) {
                throw new UnsupportedSchedulerException(
                        scheduler, "field", "'" + field + "'", List.copyOf(new TreeSet<>(KNOWN)));
            }
        }
    }

    /// The exception that refuses the value of `field`.
    UnsupportedSchedulerException refusal(String field, String legal) {
        return new UnsupportedSchedulerException(scheduler, field, "" + fields.get(field), legal);
    }

    private boolean flag(String field) {
        @Nullable Object value = fields.get(field);
        if (value == null) {
            return false;
        }
        if (value instanceof Boolean flag) {
            return flag;
        }
        throw refusal(field, "true, false");
    }

    private boolean given(String field) {
        read.add(field);
        return fields.containsKey(field);
    }
}
