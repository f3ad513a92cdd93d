/**
 * The shape of the phone's database, one step per version, in order. A step that has shipped is never edited:
 * the phones that ran it are out there.
 * @typedef {import('../vendor/idb.js').IDBPDatabase} Database
 * @typedef {import('../vendor/idb.js').IDBPTransaction<unknown, string[], 'versionchange'>} Transaction
 * @typedef {(db: Database, transaction: Transaction) => void} Migration
 * @type {Migration[]}
 */
export const migrations = [
  (db) => {
    const entries = db.createObjectStore('entries', { keyPath: 'id' });
    entries.createIndex('visit', 'visit');
    entries.createIndex('status', 'status');
    db.createObjectStore('drafts', { keyPath: 'place' });
    db.createObjectStore('visits', { keyPath: 'id' });
    db.createObjectStore('grids', { keyPath: 'id' });
    db.createObjectStore('facts');
  },
];
