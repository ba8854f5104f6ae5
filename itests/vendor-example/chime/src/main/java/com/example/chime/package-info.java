/** A chime: the table of its operations and their payloads. */
@Export(substitution = Export.Substitution.NOIMPORT)
@Version("1.0.0")
package com.example.chime;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
