package dev.darkroom.protocol.job;

import static dev.darkroom.protocol.json.Field.named;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.darkroom.protocol.json.ChoiceShape;
import dev.darkroom.protocol.json.DecimalShape;
import dev.darkroom.protocol.json.Field;
import dev.darkroom.protocol.json.Fields;
import dev.darkroom.protocol.json.FlagShape;
import dev.darkroom.protocol.json.IntegerShape;
import dev.darkroom.protocol.json.Json;
import dev.darkroom.protocol.json.ListShape;
import dev.darkroom.protocol.json.ObjectShape;
import dev.darkroom.protocol.json.Reading;
import dev.darkroom.protocol.json.Shape;
import dev.darkroom.protocol.json.TextShape;
import dev.darkroom.protocol.json.UnknownFields;
import dev.darkroom.protocol.json.Values;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The field table of a [Spec]. On the wire the fields of the nested records lie flat in one
/// object, and `kind` says which of them there may be.
final class SpecFields {
    static final ChoiceShape<Kind> KINDS =
            new ChoiceShape<>(Arrays.asList(Kind.values()), Kind::wireName);

    private static final TextShape INPUT_URI =
            new TextShape(
                    4096,
                    Pattern.compile("s3://[^/]+/.+|https://.+"),
                    "s3://bucket/key or a presigned https:// address, at most 4096 characters");
    private static final Shape<Integer> AT_LEAST_ONE = IntegerShape.atLeast(1);

    private static final Field<InputUri, String> URI =
            named("uri", "An s3:// or presigned https:// address.")
                    .required(INPUT_URI, InputUri::uri);
    private static final Shape<InputUri> INPUT =
            new ObjectShape<>(Fields.of(URI), v -> new InputUri(v.get(URI)));

    private static final Field<Control, String> CONTROL_MODEL =
            named("model", "Name of the control network; `default` is the model folder's own.")
                    .required(TextShape.matching(ModelId.LEGAL, 128), Control::model);
    private static final Field<Control, InputUri> CONTROL_IMAGE =
            named("image", "The control picture.").required(INPUT, Control::image);
    private static final Field<Control, Double> CONTROL_SCALE =
            named("scale", "Strength.").defaulted(DecimalShape.atLeast(0), Control::scale, 1.0);
    private static final Field<Control, Double> CONTROL_START =
            named("start", "Share of the steps after which it begins; at most `end`.")
                    .defaulted(DecimalShape.between(0, 1), Control::start, 0.0);
    private static final Field<Control, Double> CONTROL_END =
            named("end", "Share of the steps after which it stops; at least `start`.")
                    .defaulted(DecimalShape.between(0, 1), Control::end, 1.0);
    private static final Shape<Control> CONTROL_NETWORK =
            new ObjectShape<>(
                    Fields.of(
                                    CONTROL_MODEL,
                                    CONTROL_IMAGE,
                                    CONTROL_SCALE,
                                    CONTROL_START,
                                    CONTROL_END)
                            .with(SpecFields::startIsNotAfterEnd),
                    v ->
                            new Control(
                                    v.get(CONTROL_MODEL),
                                    v.get(CONTROL_IMAGE),
                                    v.get(CONTROL_SCALE),
                                    v.get(CONTROL_START),
                                    v.get(CONTROL_END)));

    static final Field<Spec, Kind> KIND =
            named("kind", "What the job makes.").required(KINDS, Spec::kind);
    static final Field<Spec, String> PROMPT =
            named("prompt", "What the output shows or sounds like.")
                    .optional(TextShape.ANY, s -> s.prompt().text());
    static final Field<Spec, String> NEGATIVE_PROMPT =
            named("negativePrompt", "What the output does not show.")
                    .optional(TextShape.ANY, s -> s.prompt().negative());
    static final Field<Spec, Integer> COUNT =
            named("count", "How many outputs.").optional(AT_LEAST_ONE, s -> s.outputs().count());
    static final Field<Spec, Seed> SEED =
            named("seed", "Seed of the first output; output i has seed + i. Absent: from the id.")
                    .optional(new SeedShape(), s -> s.outputs().seed());
    static final Field<Spec, Integer> STEPS =
            named("steps", "Denoising steps.").optional(AT_LEAST_ONE, s -> s.sampling().steps());
    static final Field<Spec, Double> GUIDANCE =
            named("guidance", "Scale of classifier-free guidance; at 1 or below there is none.")
                    .optional(DecimalShape.atLeast(0), s -> s.sampling().guidance());
    static final Field<Spec, SchedulerName> SCHEDULER =
            named("scheduler", "The sampling algorithm.")
                    .optional(
                            new ChoiceShape<>(
                                    Arrays.asList(SchedulerName.values()), SchedulerName::wireName),
                            s -> s.sampling().scheduler());
    static final Field<Spec, Double> ETA =
            named("eta", "Share of fresh noise at each step where the algorithm has one.")
                    .optional(DecimalShape.between(0, 1), s -> s.sampling().eta());
    static final Field<Spec, Double> GUIDANCE_RESCALE =
            named("guidanceRescale", "Share of the rescaled guidance.")
                    .optional(DecimalShape.between(0, 1), s -> s.sampling().guidanceRescale());
    static final Field<Spec, Integer> CLIP_SKIP =
            named("clipSkip", "Layers of the text encoder left out at its end.")
                    .optional(IntegerShape.atLeast(0), s -> s.sampling().clipSkip());
    static final Field<Spec, Integer> WIDTH =
            named("width", "Pixels.").optional(AT_LEAST_ONE, s -> size(s).width());
    static final Field<Spec, Integer> HEIGHT =
            named("height", "Pixels.").optional(AT_LEAST_ONE, s -> size(s).height());
    static final Field<Spec, InputUri> INIT =
            named("init", "Picture to start from.").optional(INPUT, s -> guides(s).init());
    static final Field<Spec, Double> STRENGTH =
            named("strength", "Share of the steps applied to `init`.")
                    .optional(DecimalShape.aboveUpTo(0, 1), s -> guides(s).strength());
    static final Field<Spec, InputUri> MASK =
            named("mask", "Where `init` may change: white changes, black stays. Needs `init`.")
                    .optional(INPUT, s -> guides(s).mask());
    static final Field<Spec, List<Control>> CONTROL =
            named("control", "Control networks.")
                    .defaulted(
                            new ListShape<>(CONTROL_NETWORK, 16),
                            s -> guides(s).control(),
                            List.of());
    static final Field<Spec, Double> START_SECONDS =
            named("startSeconds", "Where in its imagined piece the sound starts.")
                    .optional(DecimalShape.atLeast(0), s -> audio(s).startSeconds());
    static final Field<Spec, Double> SECONDS =
            named("seconds", "Length.").optional(DecimalShape.above(0), s -> audio(s).seconds());
    static final Field<Spec, Integer> FRAMES =
            named("frames", "How many frames.").optional(AT_LEAST_ONE, s -> motion(s).frames());
    static final Field<Spec, Double> FPS =
            named("fps", "Frames per second.")
                    .optional(DecimalShape.above(0), s -> motion(s).fps());
    static final Field<Spec, Boolean> LOOP =
            named("loop", "Whether the file asks players to start again at its end.")
                    .optional(new FlagShape(), s -> motion(s).loop());

    private static final Fields<Spec> COMMON =
            Fields.of(
                    KIND,
                    PROMPT,
                    NEGATIVE_PROMPT,
                    COUNT,
                    SEED,
                    STEPS,
                    GUIDANCE,
                    SCHEDULER,
                    ETA,
                    GUIDANCE_RESCALE,
                    CLIP_SKIP);
    private static final Shape<Spec> IMAGE =
            new ObjectShape<>(
                    COMMON.and(Fields.of(WIDTH, HEIGHT, INIT, STRENGTH, MASK, CONTROL))
                            .with(SpecFields::maskNeedsInit),
                    v ->
                            new ImageSpec(
                                    prompt(v),
                                    outputs(v),
                                    sampling(v),
                                    readSize(v),
                                    readGuides(v)));
    private static final Shape<Spec> AUDIO =
            new ObjectShape<>(
                    COMMON.and(Fields.of(START_SECONDS, SECONDS)),
                    v ->
                            new AudioSpec(
                                    prompt(v),
                                    outputs(v),
                                    sampling(v),
                                    v.find(START_SECONDS),
                                    v.find(SECONDS)));
    private static final Shape<Spec> VIDEO =
            new ObjectShape<>(
                    COMMON.and(
                                    Fields.of(
                                            WIDTH, HEIGHT, FRAMES, FPS, LOOP, INIT, STRENGTH, MASK,
                                            CONTROL))
                            .with(SpecFields::maskNeedsInit),
                    v ->
                            new VideoSpec(
                                    prompt(v),
                                    outputs(v),
                                    sampling(v),
                                    readSize(v),
                                    new Motion(v.find(FRAMES), v.find(FPS), v.find(LOOP)),
                                    readGuides(v)));
    private static final Shape<Spec> ANY_KIND =
            new ObjectShape<>(
                    COMMON.and(
                            Fields.of(
                                    WIDTH,
                                    HEIGHT,
                                    START_SECONDS,
                                    SECONDS,
                                    FRAMES,
                                    FPS,
                                    LOOP,
                                    INIT,
                                    STRENGTH,
                                    MASK,
                                    CONTROL)),
                    v -> {
                        throw new IllegalStateException("a spec without a kind was let through");
                    });

    private SpecFields() {}

    /// A spec, whichever its kind.
    static final Shape<Spec> SPEC =
            new Shape<>() {
                @Override
                public @Nullable Spec read(JsonNode node, Reading at) {
                    Kind kind = kindOf(node);
                    // Without a kind there is no value, but everything else can still be judged.
                    return (kind == null ? ANY_KIND : of(kind)).read(node, at);
                }

                @Override
                public JsonNode write(Spec value) {
                    return of(value.kind()).write(value);
                }

                @Override
                public String legal() {
                    return "an object with a kind: " + KINDS.legal();
                }

                @Override
                public ObjectNode schema(UnknownFields unknown) {
                    ObjectNode schema = Json.object();
                    ArrayNode kinds = schema.putArray("oneOf");
                    for (Kind kind : Kind.values()) {
                        ObjectNode one = of(kind).schema(unknown);
                        one.withObjectProperty("properties")
                                .withObjectProperty("kind")
                                .put("const", kind.wireName())
                                .remove("enum");
                        if (one.path("properties").has(MASK.name())) {
                            one.putObject("dependentRequired")
                                    .putArray(MASK.name())
                                    .add(INIT.name());
                        }
                        kinds.add(one);
                    }
                    return schema;
                }
            };

    /// The kind that a spec names, or null when it names none.
    static @Nullable Kind kindOf(JsonNode spec) {
        return KINDS.read(spec.path(KIND.name()), Reading.of(UnknownFields.REFUSED));
    }

    private static Shape<Spec> of(Kind kind) {
        return switch (kind) {
            case IMAGE -> IMAGE;
            case AUDIO -> AUDIO;
            case VIDEO -> VIDEO;
        };
    }

    private static void maskNeedsInit(JsonNode object, Values values, Reading at) {
        if (values.isGiven(MASK) && !values.isGiven(INIT)) {
            at.at(INIT.name()).missing("the picture that " + at.at(MASK.name()).path() + " is for");
        }
    }

    private static void startIsNotAfterEnd(JsonNode object, Values values, Reading at) {
        Double start = values.find(CONTROL_START);
        Double end = values.find(CONTROL_END);
        if (start != null && end != null && start > end) {
            Reading here = at.at(values.isGiven(CONTROL_START) ? "start" : "end");
            here.refuse(
                    object.path(values.isGiven(CONTROL_START) ? "start" : "end"),
                    "start ≤ end, and they are " + start + " and " + end);
        }
    }

    private static Prompt prompt(Values v) {
        return new Prompt(v.find(PROMPT), v.find(NEGATIVE_PROMPT));
    }

    private static Outputs outputs(Values v) {
        return new Outputs(v.find(COUNT), v.find(SEED));
    }

    private static Sampling sampling(Values v) {
        return new Sampling(
                v.find(STEPS),
                v.find(GUIDANCE),
                v.find(SCHEDULER),
                v.find(ETA),
                v.find(GUIDANCE_RESCALE),
                v.find(CLIP_SKIP));
    }

    private static Size readSize(Values v) {
        return new Size(v.find(WIDTH), v.find(HEIGHT));
    }

    private static Guides readGuides(Values v) {
        return new Guides(v.find(INIT), v.find(STRENGTH), v.find(MASK), v.get(CONTROL));
    }

    private static Size size(Spec spec) {
        return switch (spec) {
            case ImageSpec image -> image.size();
            case VideoSpec video -> video.size();
            case AudioSpec _ -> Size.DEFAULT;
        };
    }

    private static Guides guides(Spec spec) {
        return switch (spec) {
            case ImageSpec image -> image.guides();
            case VideoSpec video -> video.guides();
            case AudioSpec _ -> Guides.NONE;
        };
    }

    private static Motion motion(Spec spec) {
        return spec instanceof VideoSpec video ? video.motion() : Motion.DEFAULT;
    }

    private static AudioSpec audio(Spec spec) {
        if (spec instanceof AudioSpec audio) {
            return audio;
        }
        throw new IllegalArgumentException("spec is of kind " + spec.kind() + "; legal: AUDIO");
    }
}
