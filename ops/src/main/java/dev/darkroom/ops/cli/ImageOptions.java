package dev.darkroom.ops.cli;

import dev.darkroom.protocol.job.Job;
import dev.darkroom.protocol.job.JobBuilder;
import dev.darkroom.protocol.job.Kind;
import dev.darkroom.protocol.job.Seed;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/// What a picture shows and how it is sampled: options of the commands that make one. An absent
/// option takes the model's default.
final class ImageOptions {
    @Option(
            names = "--model",
            paramLabel = "NAME",
            defaultValue = "emoji",
            description = "The model that makes it. Default: ${DEFAULT-VALUE}")
    private String model = "";

    @Option(names = "--negative", paramLabel = "TEXT", description = "What it shall not show.")
    private @Nullable String negative;

    @Option(names = "--count", paramLabel = "N", description = "How many pictures.")
    private @Nullable Integer count;

    @Option(
            names = "--seed",
            paramLabel = "S",
            converter = SeedConverter.class,
            description = "Seed of the first, 0 to 2^64-1; picture i has S + i.")
    private @Nullable Seed seed;

    @Option(names = "--steps", paramLabel = "N", description = "Denoising steps.")
    private @Nullable Integer steps;

    @Option(
            names = "--guidance",
            paramLabel = "G",
            description = "Scale of classifier-free guidance; at 1 or below there is none.")
    private @Nullable Double guidance;

    @Option(
            names = "--scheduler",
            paramLabel = "NAME",
            description = "The sampling algorithm, for example euler or dpmpp-2m-karras.")
    private @Nullable String scheduler;

    @Option(
            names = "--eta",
            paramLabel = "E",
            description = "Share of fresh noise at each step, 0 to 1.")
    private @Nullable Double eta;

    @Option(
            names = "--guidance-rescale",
            paramLabel = "R",
            description = "Share of the rescaled guidance, 0 to 1.")
    private @Nullable Double guidanceRescale;

    @Option(
            names = "--clip-skip",
            paramLabel = "N",
            description = "Layers of the text encoder that are left out at its end.")
    private @Nullable Integer clipSkip;

    /// A job of this prompt in the making.
    JobBuilder job(@Nullable String prompt) {
        JobBuilder job = Job.unconditional(Kind.IMAGE, model);
        set(prompt, job::prompt);
        set(negative, job::negativePrompt);
        set(count, job::count);
        set(seed, job::seed);
        set(steps, job::steps);
        set(guidance, job::guidance);
        set(scheduler, job::scheduler);
        set(eta, job::eta);
        set(guidanceRescale, job::guidanceRescale);
        set(clipSkip, job::clipSkip);
        return job;
    }

    /// Hands an option on if it was given.
    static <T> void set(@Nullable T option, Consumer<T> setter) {
        if (option != null) {
            setter.accept(option);
        }
    }

    /// Reads seeds as jobs have them: unsigned.
    static final class SeedConverter implements ITypeConverter<Seed> {
        @Override
        public Seed convert(String value) {
            try {
                return Seed.of(value);
            } catch (NumberFormatException _) {
                throw new TypeConversionException(
                        "'" + value + "' is no seed; legal: 0 to 18446744073709551615");
            }
        }
    }
}
