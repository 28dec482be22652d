package dev.darkroom.worker.pipeline;

import dev.darkroom.worker.device.Evaluation;
import dev.darkroom.worker.device.Evaluator;
import dev.darkroom.worker.model.LoadedModel;
import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.LongTensor;
import dev.darkroom.worker.tensor.Shape;
import dev.darkroom.worker.text.Tokenizer;
import java.util.List;
import java.util.Map;

/// The text encoders of a loaded model.
///
/// @param model the model
/// @param device where its graphs run
record TextEncoders(LoadedModel model, Evaluator device) {
    /// What an encoder makes of texts.
    ///
    /// @param outputs by the graph's names, one row for each text
    /// @param layers of the encoder; 0 where nobody asks
    record Encoded(Map<String, FloatTensor> outputs, int layers) {
        /// Copies the map.
        Encoded {
            outputs = Map.copyOf(outputs);
        }

        /// The output of this name, `[t, …]`.
        FloatTensor output(String name) {
            FloatTensor output = outputs.get(name);
            if (output == null) {
                throw new IllegalStateException("no output " + name + " in " + outputs.keySet());
            }
            return output;
        }

        /// What the layers give when the last `skipped` of them are left out, `[t, T, D]`.
        FloatTensor hidden(int skipped) {
            return output(hiddenState(layers - skipped));
        }
    }

    /// The name of an encoder's output after this many layers.
    static String hiddenState(int layers) {
        return "hidden_states." + layers;
    }

    /// Encodes texts, `length` tokens each.
    ///
    /// @param part the encoder
    /// @param tokenizer its tokenizer's folder
    Encoded encode(String part, String tokenizer, int length, List<String> texts) {
        Tokenizer tokens = model.blueprint().tokenizer(tokenizer);
        LongTensor ids = LongTensor.allocate(Shape.of(texts.size(), length));
        for (int row = 0; row < texts.size(); row++) {
            ids.rows(row, row + 1).copyFrom(tokens.encode(texts.get(row), length).toTensor());
        }
        Evaluation evaluation =
                new Evaluation(model.graph(part), texts.size(), Map.of("input_ids", ids), Map.of());
        device.evaluate(evaluation);
        return new Encoded(evaluation.outputs(), model.blueprint().folder().layers(part));
    }
}
