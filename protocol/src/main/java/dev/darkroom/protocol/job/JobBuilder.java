package dev.darkroom.protocol.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.darkroom.protocol.failure.Failure;
import dev.darkroom.protocol.failure.FailureCode;
import dev.darkroom.protocol.failure.FailureException;
import dev.darkroom.protocol.json.Json;
import dev.darkroom.protocol.json.Reading;
import dev.darkroom.protocol.json.UnknownFields;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/// A job in the making. It collects the job as JSON and builds it by reading that, so that exactly
/// what a worker would refuse is refused here, all at once. Used by one thread.
public final class JobBuilder {
    private final ObjectNode job = Json.object();
    private final ObjectNode spec = Json.object();
    private final ObjectNode output = Json.object();
    private final ObjectNode progress = Json.object();
    private final ObjectNode labels = Json.object();
    private final List<Control> control = new ArrayList<>();

    JobBuilder(Kind kind, String model) {
        JobFields.SPEC_VERSION.put(Job.SPEC_VERSION, job);
        JobFields.ID.put(JobId.fresh(InstantSource.system()), job);
        job.put(JobFields.MODEL.name(), model);
        SpecFields.KIND.put(kind, spec);
    }

    /// The job's id; unless given, a fresh UUID of version 7.
    public JobBuilder id(String id) {
        job.put(JobFields.ID.name(), id);
        return this;
    }

    /// What the output shows or sounds like.
    public JobBuilder prompt(String prompt) {
        SpecFields.PROMPT.put(prompt, spec);
        return this;
    }

    /// What the output does not show.
    public JobBuilder negativePrompt(String prompt) {
        SpecFields.NEGATIVE_PROMPT.put(prompt, spec);
        return this;
    }

    /// How many outputs.
    public JobBuilder count(int count) {
        SpecFields.COUNT.put(count, spec);
        return this;
    }

    /// Seed of the first output, 0 or more; [#seed(Seed)] takes those above 2^63.
    public JobBuilder seed(long seed) {
        spec.put(SpecFields.SEED.name(), seed);
        return this;
    }

    /// Seed of the first output.
    public JobBuilder seed(Seed seed) {
        SpecFields.SEED.put(seed, spec);
        return this;
    }

    /// Denoising steps.
    public JobBuilder steps(int steps) {
        SpecFields.STEPS.put(steps, spec);
        return this;
    }

    /// Scale of classifier-free guidance; at 1 or below there is none.
    public JobBuilder guidance(double guidance) {
        SpecFields.GUIDANCE.put(guidance, spec);
        return this;
    }

    /// The sampling algorithm.
    public JobBuilder scheduler(SchedulerName scheduler) {
        SpecFields.SCHEDULER.put(scheduler, spec);
        return this;
    }

    /// The sampling algorithm, by its name on the wire.
    public JobBuilder scheduler(String scheduler) {
        spec.put(SpecFields.SCHEDULER.name(), scheduler);
        return this;
    }

    /// Share of fresh noise at each step where the algorithm has one.
    public JobBuilder eta(double eta) {
        SpecFields.ETA.put(eta, spec);
        return this;
    }

    /// Share of the rescaled guidance.
    public JobBuilder guidanceRescale(double share) {
        SpecFields.GUIDANCE_RESCALE.put(share, spec);
        return this;
    }

    /// Layers of the text encoder left out at its end.
    public JobBuilder clipSkip(int layers) {
        SpecFields.CLIP_SKIP.put(layers, spec);
        return this;
    }

    /// Pixels of a picture or frame.
    public JobBuilder size(int width, int height) {
        return width(width).height(height);
    }

    /// Pixels across; the height stays the model's own unless it is set too.
    public JobBuilder width(int pixels) {
        SpecFields.WIDTH.put(pixels, spec);
        return this;
    }

    /// Pixels down; the width stays the model's own unless it is set too.
    public JobBuilder height(int pixels) {
        SpecFields.HEIGHT.put(pixels, spec);
        return this;
    }

    /// Picture to start from: an `s3://` or presigned `https://` address.
    public JobBuilder init(String uri) {
        SpecFields.INIT.put(new InputUri(uri), spec);
        return this;
    }

    /// Share of the steps applied to the picture to start from.
    public JobBuilder strength(double strength) {
        SpecFields.STRENGTH.put(strength, spec);
        return this;
    }

    /// Where the picture to start from may change: white changes, black stays.
    public JobBuilder mask(String uri) {
        SpecFields.MASK.put(new InputUri(uri), spec);
        return this;
    }

    /// One more control network.
    public JobBuilder control(Control network) {
        control.add(network);
        SpecFields.CONTROL.put(control, spec);
        return this;
    }

    /// Where in its imagined piece the sound starts.
    public JobBuilder startSeconds(double seconds) {
        SpecFields.START_SECONDS.put(seconds, spec);
        return this;
    }

    /// Length of the sound.
    public JobBuilder seconds(double seconds) {
        SpecFields.SECONDS.put(seconds, spec);
        return this;
    }

    /// How many frames.
    public JobBuilder frames(int frames) {
        SpecFields.FRAMES.put(frames, spec);
        return this;
    }

    /// Frames per second.
    public JobBuilder fps(double fps) {
        SpecFields.FPS.put(fps, spec);
        return this;
    }

    /// Asks players to start again at the video's end.
    public JobBuilder loop() {
        SpecFields.LOOP.put(true, spec);
        return this;
    }

    /// How outputs are encoded.
    public JobBuilder format(OutputFormat format) {
        JobFields.FORMAT.put(format, output);
        return this;
    }

    /// How outputs are encoded, by the name on the wire.
    public JobBuilder format(String format) {
        output.put(JobFields.FORMAT.name(), format);
        return this;
    }

    /// Quality of a lossy encoding, 1 to 100.
    public JobBuilder quality(int quality) {
        JobFields.QUALITY.put(quality, output);
        return this;
    }

    /// How uncompressed samples are stored.
    public JobBuilder sampleFormat(SampleFormat format) {
        JobFields.SAMPLE_FORMAT.put(format, output);
        return this;
    }

    /// Put before the job's id in every object key; ends in `/`.
    public JobBuilder prefix(String prefix) {
        JobFields.PREFIX.put(prefix, output);
        return this;
    }

    /// Reports progress at every so many steps.
    public JobBuilder everySteps(int steps) {
        JobFields.EVERY_STEPS.put(steps, progress);
        return this;
    }

    /// Reports progress without pictures.
    public JobBuilder withoutPreview() {
        JobFields.PREVIEW.put(false, progress);
        return this;
    }

    /// Past it the job fails, wherever it is.
    public JobBuilder deadline(Instant deadline) {
        JobFields.DEADLINE.put(deadline, job);
        return this;
    }

    /// Real failures after which the job fails for good.
    public JobBuilder maxAttempts(int attempts) {
        JobFields.MAX_ATTEMPTS.put(attempts, job);
        return this;
    }

    /// One more label: echoed in every event, never interpreted.
    public JobBuilder label(String name, String value) {
        labels.put(name, value);
        return this;
    }

    /// The job.
    ///
    /// @throws FailureException with [FailureCode#INVALID_JOB] and everything that is wrong
    public Job build() {
        ObjectNode whole = job.deepCopy();
        whole.set(JobFields.SPEC_FIELD.name(), spec);
        whole.set(JobFields.OUTPUT.name(), output);
        whole.set(JobFields.PROGRESS.name(), progress);
        whole.set(JobFields.JOB_LABELS.name(), labels);
        Reading reading = Reading.of(UnknownFields.REFUSED);
        Job built = JobFields.JOB.read(whole, reading);
        if (built == null) {
            throw new FailureException(Failure.of(FailureCode.INVALID_JOB, reading.violations()));
        }
        return built;
    }
}
