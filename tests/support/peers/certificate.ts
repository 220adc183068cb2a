import "reflect-metadata";
import { webcrypto } from "node:crypto";
import {
  BasicConstraintsExtension,
  cryptoProvider,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";

/** A certificate with its key, and the certificate of its signer. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
  readonly authority: string;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const day = 24 * 3_600_000;

/** Creates a certificate for a name or an address, signed by an authority created for it. */
export async function certificateFor(name: string): Promise<Certificate> {
  cryptoProvider.set(webcrypto as Crypto);
  const make = () => webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const [authorityKeys, keys] = await Promise.all([make(), make()]);
  const valid = { notBefore: new Date(Date.now() - day), notAfter: new Date(Date.now() + day) };
  const authority = await X509CertificateGenerator.createSelfSigned({
    ...valid,
    name: "CN=Authority of the tests",
    serialNumber: "01",
    signingAlgorithm: algorithm,
    keys: authorityKeys,
    extensions: [new BasicConstraintsExtension(true, 0, true)],
  });
  const type = /^[\d.]+$/.test(name) ? "ip" : "dns";
  const certificate = await X509CertificateGenerator.create({
    ...valid,
    subject: `CN=${name}`,
    issuer: authority.subject,
    serialNumber: "02",
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: authorityKeys.privateKey,
    extensions: [new SubjectAlternativeNameExtension([{ type, value: name }])],
  });
  const key = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey)).toString("base64");
  return {
    certificate: `${certificate.toString("pem")}\n`,
    key: `-----BEGIN PRIVATE KEY-----\n${(key.match(/.{1,64}/g) ?? []).join("\n")}\n-----END PRIVATE KEY-----\n`,
    authority: `${authority.toString("pem")}\n`,
  };
}
