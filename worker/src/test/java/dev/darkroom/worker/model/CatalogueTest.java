package dev.darkroom.worker.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.darkroom.protocol.failure.FailureException;
import dev.darkroom.protocol.job.ModelId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CatalogueTest {
    @TempDir private Path root;

    @BeforeEach
    void fill() throws IOException {
        for (String name : new String[] {"emoji", "sd15", "anime", "has space"}) {
            Files.createDirectory(root.resolve(name));
            Files.createFile(root.resolve(name).resolve("model_index.json"));
        }
        Files.createDirectory(root.resolve("notes"));
    }

    @Test
    void everyFolderWithAnIndexIsAModel() {
        assertThat(new Catalogue(root).names())
                .extracting(ModelId::value)
                .containsExactly("anime", "emoji", "sd15");
        assertThat(new Catalogue(root).folder(new ModelId("emoji")))
                .isEqualTo(root.resolve("emoji"));
    }

    @Test
    void refusesAnUnknownNameWithTheNearestFirst() {
        Catalogue catalogue = new Catalogue(root);
        ModelId mistyped = new ModelId("emojy");
        assertThatThrownBy(() -> catalogue.folder(mistyped))
                .isInstanceOf(FailureException.class)
                .hasMessage("UNKNOWN_MODEL: model is emojy; legal: emoji, anime, sd15");
    }

    @Test
    void aFolderWithoutAnIndexIsNoModel() {
        Catalogue catalogue = new Catalogue(root);
        ModelId notes = new ModelId("notes");
        assertThatThrownBy(() -> catalogue.folder(notes)).hasMessageContaining("UNKNOWN_MODEL");
    }

    @Test
    void seesAFolderThatIsAddedLater() throws IOException {
        Catalogue catalogue = new Catalogue(root);
        Files.createFile(root.resolve("notes").resolve("model_index.json"));
        assertThat(catalogue.folder(new ModelId("notes"))).isEqualTo(root.resolve("notes"));
    }

    @Test
    void refusesARootThatIsNotThere() {
        Path missing = root.resolve("missing");
        assertThatThrownBy(() -> new Catalogue(missing))
                .hasMessage("the folder of models is " + missing + "; legal: a folder that exists");
    }
}
