/** Ports of callers: the table of its operations and their payloads. */
@Export(substitution = Export.Substitution.NOIMPORT)
@Version("1.0.0")
package com.example.ports;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
