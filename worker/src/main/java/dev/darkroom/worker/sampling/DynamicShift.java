package dev.darkroom.worker.sampling;

/// How far the noise levels of flow matching move with the size of the picture: a line through two
/// sizes.
///
/// Source: `calculate_shift` of `pipelines/flux/pipeline_flux.py` and
/// `pipelines/stable_diffusion_3/pipeline_stable_diffusion_3.py`.
public final class DynamicShift {
    /// What a folder's [FlowEulerScheduler] has where its file gives no `max_shift`: the
    /// reference's pipelines see the defaults of that class.
    private static final double OF_FLOW_EULER = 1.15;

    private DynamicShift() {}

    /// The `mu` of a picture of so many `tokens` (the cells of the denoiser's grid), from the
    /// fields `base_shift`, `max_shift`, `base_image_seq_len` and `max_image_seq_len`.
    ///
    /// @param greatest `max_shift` where neither the folder nor its scheduler's class gives one: it
    ///   depends on the pipeline
    /// @throws UnsupportedSchedulerException when a field is no number
    public static double mu(SchedulerConfig folder, int tokens, double greatest) {
        boolean own = folder.className().filter(FlowEulerScheduler.CLASS_NAME::equals).isPresent();
        return mu(
                new Fields("scheduler_config.json", folder),
                tokens,
                own ? OF_FLOW_EULER : greatest);
    }

    /// Refuses fields that no line goes through.
    static void check(Fields fields) {
        mu(fields, 1, 1);
    }

    private static double mu(Fields fields, int tokens, double greatest) {
        double base = fields.number("base_shift", 0.5);
        double most = fields.number("max_shift", greatest);
        int baseTokens = fields.integer("base_image_seq_len", 256, 1);
        int mostTokens = fields.integer("max_image_seq_len", 4096, 1);
        if (baseTokens == mostTokens) {
            throw fields.refusal("max_image_seq_len", "another number than base_image_seq_len");
        }
        double slope = (most - base) / (mostTokens - baseTokens);
        return tokens * slope + (base - slope * baseTokens);
    }

    /// Whether the configuration moves the levels, so that a run needs a [SamplingOptions#mu].
    public static boolean isUsed(SchedulerConfig folder) {
        return new Fields("scheduler_config.json", folder).offUnlessGiven("use_dynamic_shifting");
    }
}
