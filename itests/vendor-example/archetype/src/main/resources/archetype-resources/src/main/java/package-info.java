/** Notes: the table of their operations and the payloads. */
@Export(substitution = Export.Substitution.NOIMPORT)
@Version("1.0.0")
package ${package};

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
