package dev.darkroom.ops.parity;

import java.nio.file.Path;

/// One thing to be tried and compared.
public sealed interface Check {
    /// The model's family; `schedulers` for trajectories.
    String family();

    /// What it is called among its family's: the file's name without its ending.
    String title();

    /// What it is called among the folder's: `family/case`, or `schedulers/case`.
    default String name() {
        return family() + "/" + title();
    }

    /// A case of a model.
    ///
    /// @param family the folder's name below `cases` and below the folder of models
    /// @param title the file's name, without its ending
    /// @param models where the model lies
    record OfPipeline(String family, String title, ModelsFolder models) implements Check {}

    /// A case whose family has no model.
    ///
    /// @param family the folder's name below `cases`
    /// @param title the file's name, without its ending
    /// @param looked the folders that hold none of it, for people
    record WithoutModel(String family, String title, String looked) implements Check {}

    /// A scheduler's trajectory.
    ///
    /// @param title the file's name, without its ending
    /// @param file what the reference recorded
    record OfScheduler(String title, Path file) implements Check {
        @Override
        public String family() {
            return ParityFolder.SCHEDULERS;
        }
    }
}
