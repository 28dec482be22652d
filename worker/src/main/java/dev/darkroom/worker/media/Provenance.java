package dev.darkroom.worker.media;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.darkroom.protocol.codec.JobCodec;
import dev.darkroom.protocol.job.AudioSpec;
import dev.darkroom.protocol.job.ImageSpec;
import dev.darkroom.protocol.job.InputUri;
import dev.darkroom.protocol.job.ModelId;
import dev.darkroom.protocol.job.Sampling;
import dev.darkroom.protocol.job.SchedulerName;
import dev.darkroom.protocol.job.Seed;
import dev.darkroom.protocol.job.Spec;
import dev.darkroom.protocol.job.VideoSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Where an output comes from: what is stored inside every file, so that it can be made again and
/// is marked as made by a machine.
///
/// @param software program and version, for example `Darkroom 0.1.0`
/// @param model the model's name in the catalogue
/// @param modelDigest `sha256:` and the digest over the model's files
/// @param parameters every default filled in, the seed too
public record Provenance(String software, ModelId model, String modelDigest, Spec parameters) {
    /// The keyword of an XMP packet in a PNG file (XMP Specification part 3, section 1.1.5).
    static final String XMP = "XML:com.adobe.xmp";

    /// Refuses parameters without a seed: they could not be used to make the output again.
    public Provenance {
        if (parameters.outputs().seed() == null) {
            throw new IllegalArgumentException("the parameters have no seed");
        }
    }

    /// The seed of output `index`.
    Seed seed(int index) {
        return Objects.requireNonNull(parameters.outputs().seed(), "checked when made").plus(index);
    }

    /// What is written into a PNG file of output `index`, in order.
    ///
    /// | keyword | text |
    /// |---|---|
    /// | `Software` | program and version |
    /// | `Description` | the prompt; absent for models without one |
    /// | `Negative prompt` | what it shall not show; absent when empty |
    /// | `Seed` | this output's own |
    /// | `Steps`, `Guidance`, `Scheduler` | where the job has them |
    /// | `Model`, `Model digest` | name in the catalogue; digest over its files |
    /// | `parameters` | the same for people, in the form that image viewers of this field read |
    /// | `darkroom` | JSON: model, digest, index, seed and the job's `spec` with every default filled in, addresses of inputs without their signatures |
    /// | `XML:com.adobe.xmp` | XMP with the software and the IPTC digital source type |
    List<Png.Text> texts(int index) {
        List<Png.Text> texts = new ArrayList<>();
        Sampling sampling = parameters.sampling();
        add(texts, "Software", software);
        add(texts, "Description", parameters.prompt().text());
        add(texts, "Negative prompt", parameters.prompt().negative());
        add(texts, "Seed", seed(index));
        add(texts, "Steps", sampling.steps());
        add(texts, "Guidance", sampling.guidance());
        add(texts, "Scheduler", wireName(sampling.scheduler()));
        add(texts, "Model", model);
        add(texts, "Model digest", modelDigest);
        add(texts, "parameters", forPeople(index));
        add(texts, "darkroom", json(index));
        add(texts, XMP, new Xmp(software, null, null).packet());
        return texts;
    }

    /// What is written into a JPEG or WebP file of output `index` as Exif: the prompt as
    /// description, the software, and as user comment the text that a PNG file holds as
    /// `parameters`.
    byte[] exif(int index) {
        String prompt = parameters.prompt().text();
        return Exif.write(prompt == null ? "" : prompt, software, forPeople(index));
    }

    /// What is written into a JPEG or WebP file of output `index` as XMP: software, IPTC digital
    /// source type, the prompt as description, and the JSON that a PNG file holds as `darkroom`.
    Xmp xmp(int index) {
        return new Xmp(software, parameters.prompt().text(), json(index));
    }

    private static void add(List<Png.Text> texts, String keyword, @Nullable Object value) {
        if (value != null && !value.toString().isEmpty()) {
            texts.add(new Png.Text(keyword, value.toString()));
        }
    }

    private static @Nullable String wireName(@Nullable SchedulerName scheduler) {
        return scheduler == null ? null : scheduler.wireName();
    }

    /// Prompt, negative prompt and a line of settings.
    private String forPeople(int index) {
        StringBuilder text = new StringBuilder();
        if (parameters.prompt().text() != null) {
            text.append(parameters.prompt().text()).append('\n');
        }
        String negative = parameters.prompt().negative();
        if (negative != null && !negative.isEmpty()) {
            text.append("Negative prompt: ").append(negative).append('\n');
        }
        Sampling sampling = parameters.sampling();
        List<String> settings = new ArrayList<>();
        setting(settings, "Steps", sampling.steps());
        setting(settings, "Sampler", wireName(sampling.scheduler()));
        setting(settings, "CFG scale", sampling.guidance());
        setting(settings, "Seed", seed(index));
        setting(settings, "Size", size());
        setting(settings, "Model hash", modelDigest.replaceFirst("^sha256:(.{10}).*", "$1"));
        setting(settings, "Model", model);
        setting(settings, "Version", software);
        return text.append(String.join(", ", settings)).toString();
    }

    /// For example `64x64`; absent for sound.
    private @Nullable String size() {
        return switch (parameters) {
            case ImageSpec image -> image.size().width() + "x" + image.size().height();
            case VideoSpec video -> video.size().width() + "x" + video.size().height();
            case AudioSpec _ -> null;
        };
    }

    private static void setting(List<String> settings, String name, @Nullable Object value) {
        if (value != null) {
            settings.add(name + ": " + value);
        }
    }

    private String json(int index) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("model", model.value());
        json.put("modelDigest", modelDigest);
        json.put("output", index);
        json.put("seed", seed(index).toString());
        json.set("spec", withoutSignatures(JobCodec.encodeSpec(parameters)));
        return json.toString();
    }

    /// The spec without what follows the path of an `https://` address: a presigned one opens the
    /// input to whoever reads the output.
    private static JsonNode withoutSignatures(JsonNode spec) {
        for (JsonNode input : spec.findParents("uri")) {
            String uri = new InputUri(input.get("uri").textValue()).shown();
            ((ObjectNode) input).put("uri", uri);
        }
        return spec;
    }
}
