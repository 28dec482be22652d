package dev.darkroom.worker.device;

/// How the greatest number of rows in one run is found.
public sealed interface CapPolicy {
    /// The same number for every graph and shape. At 1, a job's numbers do not depend on its
    /// company.
    ///
    /// @param rows 1 or more
    record Fixed(int rows) implements CapPolicy {
        /// Refuses less than 1.
        public Fixed {
            check("fixed batch cap", rows);
        }
    }

    /// Learnt for every graph and shape by measuring rows per second.
    ///
    /// @param greatest no run holds more rows than this, 1 or more
    record Learnt(int greatest) implements CapPolicy {
        /// Refuses less than 1.
        public Learnt {
            check("greatest batch cap", greatest);
        }
    }

    private static void check(String what, int rows) {
        if (rows < 1) {
            throw new IllegalArgumentException(what + " is " + rows + "; legal: 1 or more");
        }
    }
}
