package dev.darkroom.ops.parity;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.darkroom.protocol.codec.JobCodec;
import dev.darkroom.protocol.job.Job;
import dev.darkroom.protocol.job.Spec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

/// A case's job: what it asks for, as a backend would, and the files that stand for its inputs.
/// Immutable.
///
/// In a case `init`, `mask` and `control[].image` are files of `inputs/`, where a job has an
/// address. They become addresses of a bucket of that name, and the protocol's own codec reads the
/// rest: what no worker would take is refused in its words.
///
/// @param spec the job
/// @param inputs the files that its addresses stand for
record JobForm(Spec spec, InputFiles inputs) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern FILE = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]*");
    private static final String BUCKET = "s3://inputs/";

    /// Reads a case.
    ///
    /// @param family what its `model` must be, if it names one
    /// @param folder holds the files of inputs
    /// @throws IOException when the file cannot be read
    /// @throws ReferenceException when it is no case, or names a file that is not there
    /// @throws dev.darkroom.protocol.failure.FailureException with everything else that is wrong
    static JobForm read(Path file, String family, Path folder) throws IOException {
        JsonNode root = tree(file);
        String model = root.path("model").asText(family);
        if (!model.equals(family)) {
            throw new ReferenceException(
                    "model is " + model + "; legal: " + family + ", the name of the case's folder");
        }
        if (!(root.path("spec") instanceof ObjectNode spec)) {
            throw new ReferenceException("spec is missing; legal: the job's, an object");
        }
        if (!spec.hasNonNull("seed")) {
            throw new ReferenceException("spec.seed is missing; legal: the seed of the reference");
        }
        Map<String, Path> inputs = new HashMap<>();
        address(spec, "init", "spec.init", folder, inputs);
        address(spec, "mask", "spec.mask", folder, inputs);
        int index = 0;
        for (JsonNode item : spec.path("control")) {
            if (item instanceof ObjectNode control) {
                String field = "spec.control[" + index + "].image";
                address(control, "image", field, folder, inputs);
            }
            index++;
        }
        ObjectNode wire = JSON.createObjectNode();
        wire.put("specVersion", Job.SPEC_VERSION).put("id", "parity").put("model", model);
        return new JobForm(
                JobCodec.decodeJob(wire.set("spec", spec)).spec(), new InputFiles(inputs));
    }

    private static JsonNode tree(Path file) throws IOException {
        try {
            return JSON.readTree(Files.readAllBytes(file));
        } catch (JsonProcessingException e) {
            throw new ReferenceException(file + " is no JSON: " + e.getOriginalMessage(), e);
        }
    }

    /// Puts the address of a file where its name was.
    private static void address(
            ObjectNode node, String key, String field, Path folder, Map<String, Path> inputs) {
        if (!node.path(key).isTextual()) {
            return;
        }
        String name = node.path(key).textValue();
        Path file = FILE.matcher(name).matches() ? folder.resolve(name) : folder;
        if (!Files.isRegularFile(file)) {
            throw new ReferenceException(
                    field + " is " + name + "; legal: the name of a file in " + folder);
        }
        inputs.put(BUCKET + name, file);
        node.putObject(key).put("uri", BUCKET + name);
    }
}
