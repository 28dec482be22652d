package dev.darkroom.ops.cli;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonLocation;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/// Why a file cannot be used, in words for people and in one line. Pure.
final class Reason {
    private Reason() {}

    /// The reason that an exception of the file system, or of a reader of JSON, stands for.
    static String of(IOException failure) {
        return switch (failure) {
            case NoSuchFileException _ -> "it does not exist";
            case AccessDeniedException _ -> "permission is denied";
            case FileAlreadyExistsException e -> e.getFile() + " is a file";
            case NotDirectoryException e -> e.getFile() + " is no folder";
            case FileSystemException e when e.getReason() != null -> e.getReason();
            case JacksonException e -> ofJson(e);
            default -> String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
        };
    }

    private static String ofJson(JacksonException failure) {
        JsonLocation where = failure.getLocation();
        return failure.getOriginalMessage()
                + (where == null
                        ? ""
                        : ", line " + where.getLineNr() + ", column " + where.getColumnNr());
    }
}
