package dev.darkroom.protocol.codec;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import dev.darkroom.protocol.failure.Failure;
import dev.darkroom.protocol.failure.FailureCode;
import dev.darkroom.protocol.failure.FailureException;
import dev.darkroom.protocol.failure.Violation;
import dev.darkroom.protocol.job.Job;
import dev.darkroom.protocol.job.JobEnvelope;
import dev.darkroom.protocol.job.JobFields;
import dev.darkroom.protocol.job.JobId;
import dev.darkroom.protocol.job.Spec;
import dev.darkroom.protocol.json.Json;
import dev.darkroom.protocol.json.MalformedJsonException;
import dev.darkroom.protocol.json.Reading;
import dev.darkroom.protocol.json.Shape;
import dev.darkroom.protocol.json.UnknownFields;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Jobs on the wire: a structured CloudEvent in JSON whose `data` holds `job` and, once the fleet
/// added something, `attempts` and `handBacks`. A bare job object is read as well: the simplest
/// thing that a backend without this library can send.
public final class JobCodec {
    /// The CloudEvents `type` of a job.
    public static final String TYPE = "dev.darkroom.job.submitted.v1";

    /// The content type of an encoded job.
    public static final String CONTENT_TYPE = Attributes.STRUCTURED;

    private static final String DATA = "data";
    private static final String JOB = "job";

    /// Where the id of a job may be found, the best place first.
    private static final List<String> ID_PATHS = List.of("data.job.id", "data.id", "subject", "id");

    /// Objects around the deepest of them.
    private static final int ID_DEPTH = 3;

    private JobCodec() {}

    /// Writes a job and what the fleet added to it.
    public static byte[] encode(JobEnvelope envelope) {
        String id = envelope.job().id().value();
        Attributes attributes = new Attributes(TYPE, id, id, null, envelope.traceparent());
        return Json.write(attributes.around(JobFields.ENVELOPE.write(envelope)));
    }

    /// Reads a job and what the fleet added to it.
    ///
    /// @throws FailureException with [FailureCode#INVALID_JOB] and everything that is wrong
    /// @throws NewerSpecVersionException when a newer worker could read it
    public static JobEnvelope decode(byte[] value) {
        JsonNode node;
        try {
            node = Json.parse(value);
        } catch (MalformedJsonException e) {
            Violation violation =
                    new Violation("the record", e.problem(), "a job in JSON, in UTF-8");
            throw new FailureException(Failure.of(FailureCode.INVALID_JOB, List.of(violation)), e);
        }
        if (!Attributes.areIn(node)) {
            return JobEnvelope.of(decodeJob(node));
        }
        refuseNewer(node.path(DATA).path(JOB));
        Reading reading = Reading.of(UnknownFields.REFUSED);
        JobEnvelope envelope = readEvent(node, reading);
        if (envelope == null) {
            throw invalid(reading);
        }
        return envelope;
    }

    /// The id of a job that could not be decoded, when it can be read off what there is: for the
    /// event that tells of it.
    public static Optional<JobId> idOf(byte[] value) {
        Map<String, String> found = new HashMap<>();
        try (JsonParser parser = Json.factory().createParser(value)) {
            collectTexts(parser, found);
        } catch (IOException _) {
            // Broken from here on: what was read before may hold the id.
        }
        return ID_PATHS.stream()
                .map(found::get)
                .filter(id -> id != null && JobId.LEGAL.matcher(id).matches())
                .map(JobId::new)
                .findFirst();
    }

    /// The canonical JSON of a job: names sorted, nothing that is absent or at its default.
    public static byte[] canonical(Job job) {
        return Json.write(Json.sorted(JobFields.JOB.write(job)));
    }

    /// The digest of a job: `sha256:` and the hexadecimal digest of its canonical JSON. Equal jobs
    /// have equal digests, in whatever order and form their fields were sent.
    public static String digest(Job job) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(canonical(job));
            return "sha256:" + HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /// Reads a spec, for example the effective parameters that a picture carries.
    ///
    /// @throws FailureException with [FailureCode#INVALID_JOB] and everything that is wrong
    public static Spec decodeSpec(JsonNode node) {
        return read(JobFields.SPEC, node);
    }

    /// Writes a spec: every field that it has.
    public static JsonNode encodeSpec(Spec spec) {
        return JobFields.SPEC.write(spec);
    }

    /// Reads a bare job object.
    ///
    /// @throws FailureException with [FailureCode#INVALID_JOB] and everything that is wrong
    /// @throws NewerSpecVersionException when a newer worker could read it
    public static Job decodeJob(JsonNode node) {
        refuseNewer(node);
        return read(JobFields.JOB, node);
    }

    /// Writes a bare job object.
    public static JsonNode encodeJob(Job job) {
        return JobFields.JOB.write(job);
    }

    private static <T> T read(Shape<T> shape, JsonNode node) {
        Reading reading = Reading.of(UnknownFields.REFUSED);
        T value = shape.read(node, reading);
        if (value == null) {
            throw invalid(reading);
        }
        return value;
    }

    private static @Nullable JobEnvelope readEvent(JsonNode node, Reading at) {
        // A CloudEvent may carry extension attributes that only gateways know.
        Attributes attributes = Attributes.SHAPE.read(node, at.passingOver());
        if (attributes != null && !attributes.type().equals(TYPE)) {
            at.at("type").refuse(node.path("type"), TYPE);
        }
        JsonNode data = node.path(DATA);
        if (data.isMissingNode()) {
            at.at(DATA).missing("an object that holds the job");
            return null;
        }
        JobEnvelope envelope = JobFields.ENVELOPE.read(data, at.at(DATA));
        if (envelope == null || attributes == null) {
            return null;
        }
        String id = envelope.job().id().value();
        if (attributes.subject() != null && !attributes.subject().equals(id)) {
            at.at("subject").refuse(node.path("subject"), "the job's id, " + id);
        }
        return at.count() > 0
                ? null
                : new JobEnvelope(
                        envelope.job(),
                        envelope.attempts(),
                        envelope.handBacks(),
                        attributes.traceparent());
    }

    private static void refuseNewer(JsonNode job) {
        JsonNode version = job.path("specVersion");
        if (version.isIntegralNumber()
                && version.canConvertToLong()
                && version.longValue() > Job.SPEC_VERSION) {
            throw new NewerSpecVersionException(version.longValue(), Job.SPEC_VERSION);
        }
    }

    private static FailureException invalid(Reading reading) {
        return new FailureException(Failure.of(FailureCode.INVALID_JOB, reading.violations()));
    }

    private static void collectTexts(JsonParser parser, Map<String, String> found)
            throws IOException {
        for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
            // Paths of what lies deeper would be long, and a hostile record has very many of them.
            if (token == JsonToken.VALUE_STRING
                    && parser.getParsingContext().getNestingDepth() <= ID_DEPTH) {
                String path =
                        parser.getParsingContext()
                                .pathAsPointer()
                                .toString()
                                .substring(1)
                                .replace('/', '.');
                if (ID_PATHS.contains(path)) {
                    found.putIfAbsent(path, parser.getText());
                }
            }
        }
    }
}
