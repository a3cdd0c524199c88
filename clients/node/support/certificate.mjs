// A key and a certificate for a confidential client, made anew at each run.
import { X509Certificate } from "node:crypto";
import { generate } from "selfsigned";

export async function newCertificate() {
  const made = await generate([{ name: "commonName", value: "reprompt clients" }], { keySize: 2048, algorithm: "sha256" });
  const thumbprintSha256 = new X509Certificate(made.cert).fingerprint256.replaceAll(":", "").toLowerCase();
  return { privateKey: made.private, certificate: made.cert, thumbprintSha256 };
}
