package dev.darkroom.ops.parity;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.darkroom.worker.sampling.NoiseGenerator;
import dev.darkroom.worker.sampling.SamplingOptions;
import dev.darkroom.worker.sampling.Scheduler;
import dev.darkroom.worker.sampling.SchedulerConfig;
import dev.darkroom.worker.sampling.SchedulerRun;
import dev.darkroom.worker.sampling.Schedulers;
import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Safetensors;
import dev.darkroom.worker.tensor.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;

/// A scheduler's way through fixed model outputs, as the reference recorded it.
///
/// | tensor of the reference | shape |
/// |---|---|
/// | `sample` | `[C, h, w]`, where it starts |
/// | `timesteps` | `[calls]` |
/// | `model_output` | `[calls, C, h, w]`, `[calls, 2C, h, w]` with a learned variance |
/// | `scaled_input`, `prev_sample` | `[kept, C, h, w]` before and after each call |
/// | `kept_calls` | `[kept]`, counted from 0; absent: all |
/// | `clean`, `noise` | `[C, h, w]` |
/// | `noised`, `noised_next` | `[C, h, w]`, `clean` before the middle call, and before the second |
///
/// Where steps are left out, calls are counted from the first that is made, and `sample` is `clean`
/// with as much noise as that one wants.
final class Trajectory {
    /// The reference writes infinities, which JSON has no word for.
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

    /// `eta` of the reference's `TCDScheduler.step` where none is given.
    private static final double TCD_ETA = 0.3;

    private final Safetensors reference;
    private final JsonNode meta;

    // The furthest so far.
    private Outcome.Worst worst = new Outcome.Worst("nothing", 0);

    private Trajectory(Safetensors reference, JsonNode meta) {
        this.reference = reference;
        this.meta = meta;
    }

    /// Follows the trajectory in this file, and tells what was furthest from it.
    ///
    /// @throws IOException when the file cannot be read
    /// @throws dev.darkroom.worker.sampling.UnsupportedSchedulerException when its scheduler is not
    ///   built, or does not honour its configuration
    /// @throws IllegalArgumentException when the file lacks something
    static Outcome.Followed follow(Path file) throws IOException {
        Safetensors reference = Safetensors.read(file);
        String text = reference.metadata().get("meta");
        if (text == null) {
            throw new ReferenceException(file + " has no metadata called meta");
        }
        try {
            return new Trajectory(reference, JSON.readTree(text)).follow();
        } catch (JsonProcessingException e) {
            throw new ReferenceException(file + ": meta is no JSON: " + e.getOriginalMessage(), e);
        }
    }

    private Outcome.Followed follow() throws IOException {
        Scheduler scheduler =
                Schedulers.named(
                        meta.required("scheduler").asText(),
                        SchedulerConfig.of(fields(meta.required("folder_config"))));
        FloatTensor sample = reference.floats("sample");
        int steps = meta.required("steps").asInt();
        SchedulerRun run = scheduler.start(steps, sample.shape(), options());
        int first = run.firstCall();
        compare(
                "timesteps",
                IntStream.range(first, run.calls()).mapToDouble(run::timestep).toArray(),
                reference.doubles("timesteps"));
        double sigma = meta.required("init_noise_sigma").asDouble();
        compare("init_noise_sigma", new double[] {run.initNoiseSigma()}, new double[] {sigma});
        addNoise(run, run.calls() / 2, "noised");
        if (first > 0) {
            addNoise(run, first, "sample");
            addNoise(run, first + 1, "noised_next");
        }
        step(run, sample);
        return new Outcome.Followed(worst);
    }

    /// What the reference was given, and what it does where it was given nothing.
    private SamplingOptions options() {
        double eta = meta.required("scheduler").asText().equals("tcd") ? TCD_ETA : 0;
        SamplingOptions options =
                SamplingOptions.DEFAULTS
                        .withEta(meta.path("step_arguments").path("eta").asDouble(eta))
                        .withStartStep(meta.path("start").asInt(0))
                        .withDistilledShare(meta.path("share").asDouble(1));
        if (meta.path("even").asBoolean()) {
            options = options.withFlowLevels(SamplingOptions.FlowLevels.EVEN);
        }
        return meta.has("mu") ? options.withMu(meta.required("mu").asDouble()) : options;
    }

    /// A clean sample as noised as one is before `call`, where the reference has it.
    private void addNoise(SchedulerRun run, int call, String name) throws IOException {
        if (reference.has(name)) {
            FloatTensor clean = reference.floats("clean");
            FloatTensor into = FloatTensor.allocate(clean.shape());
            run.addNoise(clean, reference.floats("noise"), call, into);
            compare(name, into, reference.floats(name));
        }
    }

    private void step(SchedulerRun run, FloatTensor sample) throws IOException {
        NoiseGenerator noise = NoiseGenerator.ofSeed(meta.required("seed").asLong());
        FloatTensor outputs = reference.floats("model_output");
        FloatTensor scaled = reference.floats("scaled_input");
        FloatTensor previous = reference.floats("prev_sample");
        FloatTensor input = FloatTensor.allocate(sample.shape());
        int first = run.firstCall();
        int[] kept = kept(run.calls() - first);
        for (int call = first; call < run.calls(); call++) {
            FloatTensor output = row(outputs, call - first, outputs.shape().row());
            run.scaleModelInput(sample, call, input);
            run.step(output, call, sample, noise);
            int row = Arrays.binarySearch(kept, call - first);
            if (row >= 0) {
                String which = " of call " + (call + 1);
                compare("scaled_input" + which, input, row(scaled, row, sample.shape()));
                compare("prev_sample" + which, sample, row(previous, row, sample.shape()));
            }
        }
    }

    private int[] kept(int calls) throws IOException {
        return reference.has("kept_calls")
                ? Arrays.stream(reference.doubles("kept_calls"))
                        .mapToInt(call -> (int) call)
                        .toArray()
                : IntStream.range(0, calls).toArray();
    }

    private static FloatTensor row(FloatTensor batch, int row, Shape shape) {
        return batch.rows(row, row + 1).reshape(shape);
    }

    private void compare(String what, FloatTensor actual, FloatTensor wanted) {
        note(what, Deviation.relativeError(actual, wanted));
    }

    private void compare(String what, double[] actual, double[] wanted) {
        note(what, Deviation.relativeError(actual, wanted));
    }

    private void note(String what, double error) {
        // Not-a-number is the greatest of all.
        if (Double.compare(error, worst.error()) > 0) {
            worst = new Outcome.Worst(what, error);
        }
    }

    private static Map<String, Object> fields(JsonNode json) {
        return JSON.convertValue(json, new TypeReference<Map<String, Object>>() {});
    }
}
