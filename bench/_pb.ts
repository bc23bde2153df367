import { encodePage, decodePage } from "/work/main/core/page.ts";
import { FrameEncoder, FrameDecoder } from "/work/main/protocol/frame.ts";
import { simulateInstance, simulatedResources, SLOTS } from "/work/main/bench/support/workload.ts";
const res = simulatedResources();
const A=8;
for (const N of [60, 900]) {
  const pages:any[] = [];
  let changedTotal=0, frames=0, fb=0;
  const total = 3600;
  for (let a=0;a<A;a++){
    const sim = simulateInstance(a);
    const enc = new FrameEncoder(1); const dec = new FrameDecoder();
    let at=1.79e12, seq=0; const slotrow=new Float64Array(SLOTS);
    for (let p=0;p<total/N;p++){
      const rows = new Int32Array(N*SLOTS); const times=new Float64Array(N), seqs=new Float64Array(N);
      for (let i=0;i<N;i++){ const r=sim.next(); for(let s=0;s<SLOTS;s++){rows[i*SLOTS+s]=slotrow[s]=r[s]!+1;} at+=1000+Math.round((Math.random()-.5)*4); times[i]=at; seqs[i]=++seq;
       const b=enc.encode(slotrow,SLOTS,seq,at); const h=dec.decode(b); if(seq>1){frames++; fb+=b.length; changedTotal+=h.changedCount;} }
      pages.push({resources:res,times,seqs,read:(c:number,into:Float64Array)=>{for(let i=0,k=c;i<N;i++,k+=SLOTS) into[i]=rows[k]!;}, rows});
    }
  }
  console.log("changed/frame", changedTotal/frames, "bytes/frame", fb/frames);
  let bytes=0; let out:Uint8Array[]=[];
  for(let r=0;r<5;r++){ const t=process.hrtime.bigint(); out=pages.map(encodePage); const ns=Number(process.hrtime.bigint()-t); const samples=pages.length*N*SLOTS; bytes=out.reduce((s,b)=>s+b.length,0); 
    const t2=process.hrtime.bigint(); for(const b of out) decodePage(b); const ns2=Number(process.hrtime.bigint()-t2);
    const t3=process.hrtime.bigint(); for(const b of out) decodePage(b,(r,c)=>r.name==="search-db"&&c==="max"); const ns3=Number(process.hrtime.bigint()-t3);
    console.log(N, "B/sample",(bytes/samples).toFixed(4),"enc ns",(ns/samples).toFixed(1),"dec ns",(ns2/samples).toFixed(1), "one col us/page",(ns3/1000/out.length).toFixed(1)); }
}
